using System.CommandLine;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Commands.Bench.Pages;

/// <summary><c>bench soak</c>: as many events as a day of talking has, stored and shown on two pages; memory at the beginning and at the end, and whether a page still follows.</summary>
internal static class SoakBench
{
    // Events that storage may be behind: what it has not taken waits in memory.
    private const int MostBehind = 20_000;

    public static Command Build()
    {
        var events = new Option<int>("--events") { Description = "Events to publish.", DefaultValueFactory = _ => 1_000_000 };
        var json = CommandRun.JsonOption();
        var command = new Command("soak", """
            Publishes the events of a very long conversation as fast as they can be stored, with the Live and the Echo page open in
            Chromium. Wants Chromium, some minutes and about 500 MB of disk.

            Example:
              bench soak --events 1000000 --json
            """) { events, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(events) is not (>= 1000 and <= 100_000_000) and var many)
                throw new ArgumentException($"--events {many} makes no sense: 1,000 to 100,000,000.");
            var result = await RunAsync(parsed.GetValue(events), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                result.Print(Console.Out);
            return Target.ExitCode(result.Targets);
        });
        return command;
    }

    public static async Task<SoakResult> RunAsync(int events, CancellationToken cancellationToken)
    {
        using var folder = new BenchFolder(ConsolePaths.Find());
        var conversation = new BenchConversation(TimeProvider.System);
        await using var app = ConsoleHost.Build(new ConsoleHostOptions { Port = 0 }, services => services
            .AddSingleton(new ConsolePaths(folder.File("data"), ConsolePaths.Find().Models)).AddSingleton<IConversationFactory>(conversation).AddHostedService<StorageService>());
        await app.StartAsync(cancellationToken);
        await using var browser = await Browser.StartAsync(folder.File("browser"), cancellationToken);
        await app.Services.GetRequiredService<ConversationHost>().StartAsync();
        var live = await browser.OpenAsync(app.Urls.First() + "/", cancellationToken);
        await browser.OpenAsync(app.Urls.First() + "/echo", cancellationToken);
        var database = await app.Services.GetRequiredService<ConversationStorage>().RequireAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        var published = 0;
        // The first tenth fills the rings and warms everything up.
        await PublishAsync(events / 10);
        var (heapBefore, setBefore) = Memory();
        await PublishAsync(events);
        var (heapAfter, setAfter) = Memory();
        var took = Stopwatch.GetElapsedTime(started);
        var asked = Stopwatch.GetTimestamp();
        conversation.Say("the-very-last ");
        await live.WaitForAsync("document.body.textContent.includes('the-very-last')", TimeSpan.FromSeconds(30), cancellationToken);
        var render = Stopwatch.GetElapsedTime(asked);
        var lost = app.Services.GetRequiredService<DashboardState>().Snapshot.Lost;
        await app.Services.GetRequiredService<ConversationHost>().StopAsync();
        await app.StopAsync(CancellationToken.None);
        return new SoakResult(published, took.TotalSeconds, heapBefore / 1e6, heapAfter / 1e6, setBefore / 1e6, setAfter / 1e6, render.TotalMilliseconds, lost);

        async Task PublishAsync(int until)
        {
            while (published < until)
            {
                for (var next = Math.Min(until, published + 5000); published < next;)
                    published += conversation.PublishTurn();
                while (published - await StoredAsync() > MostBehind)
                    await Task.Delay(50, cancellationToken);
            }
        }

        async Task<long> StoredAsync()
        {
            await using var context = database.CreateDbContext();
            return (await context.Events.Where(e => e.ConversationId == conversation.Id).MaxAsync(e => (long?)e.Ordinal, cancellationToken) ?? -1) + 1;
        }
    }

    private static (long Heap, long WorkingSet) Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        return (heap, process.WorkingSet64);
    }
}

/// <summary>What was left of a long conversation.</summary>
/// <param name="Events">Published and stored.</param>
/// <param name="HeapBefore">Managed memory after the first tenth, MB.</param>
/// <param name="RenderMs">From the last event to its being on the page.</param>
/// <param name="Lost">Events that the pages were spared, since they came faster than anybody can read.</param>
internal sealed record SoakResult(int Events, double Seconds, double HeapBefore, double HeapAfter, double WorkingSetBefore, double WorkingSetAfter, double RenderMs, long Lost)
{
    /// <summary>The memory at the end is that after the first tenth, but for what the runtime takes as it goes; a render still arrives.</summary>
    public IReadOnlyList<Target> Targets => [new("managed memory, MB", HeapAfter, (HeapBefore * 1.2) + 5), new("last event to page, ms", RenderMs, 1000)];

    public void Print(TextWriter writer)
    {
        writer.WriteLine($"{Events:N0} events in {Seconds:0} s, two pages open; {Lost:N0} of them were not shown");
        writer.WriteLine($"managed memory   {HeapBefore:0.0} MB after a tenth, {HeapAfter:0.0} MB at the end {Targets[0]}");
        writer.WriteLine($"working set      {WorkingSetBefore:0} MB after a tenth, {WorkingSetAfter:0} MB at the end");
        writer.WriteLine($"the last event   on the page after {RenderMs:0} ms {Targets[1]}");
    }
}
