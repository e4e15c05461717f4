using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Commands.Bench.Pages;

/// <summary>
/// <c>bench pages</c>: what open pages cost. Turns in a simulated room with no page and with several; then how long after an event
/// the Live page shows it, and what an update takes of the server and of the line.
/// </summary>
internal static class PagesBench
{
    private static readonly string[] s_questions = ["what is the time", "good morning", "how are you today", "where is the door"];
    // What people leave open; the first is the one that changes most.
    private static readonly string[] s_pages = ["/", "/latency", "/conversations", "/models", "/echo", "/settings", "/training", "/health"];
    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(60);

    // Events before anything is measured.
    private const int WarmUp = 20;

    // As fast as a model writes, and not in step with the pages' updates.
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(37);

    // Watches the last reply for marks and notes when each came: with the newest, those before it that came in the same update.
    private const string Watch = """
        window.marks = {};
        let next = 0;
        new MutationObserver(() => {
          const all = document.querySelectorAll('[data-unheard]');
          const found = all.length && /m(\d+) $/.exec(all[all.length - 1].textContent);
          for (; found && next <= +found[1]; next++) window.marks[next] = Date.now();
        }).observe(document.body, { childList: true, subtree: true, characterData: true }); true
        """;

    public static Command Build()
    {
        var pages = new Option<int>("--pages") { Description = "Pages open at a time.", DefaultValueFactory = _ => 8 };
        var turns = new Option<int>("--turns") { Description = "Turns with pages, and as many without (about 5 s each).", DefaultValueFactory = _ => 20 };
        var updates = new Option<int>("--updates") { Description = "Events that one page is watched for.", DefaultValueFactory = _ => 600 };
        var json = CommandRun.JsonOption();
        var command = new Command("pages", """
            Holds turns in a simulated room with no page and with several open in Chromium, by turns, and compares their latency; then
            measures how soon a page shows an event and what that costs. Wants Chromium and a quiet machine.

            Example:
              bench pages --pages 8 --turns 40 --json
            """) { pages, turns, updates, json };
        var engines = EngineOptions.AddTo(command);
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var request = engines.Apply(parsed, new ConversationRequest { Device = "room", Room = "desk" });
            var result = await RunAsync(request, parsed.GetValue(pages), parsed.GetValue(turns), parsed.GetValue(updates), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                result.Print(Console.Out);
            return Target.ExitCode(result.Targets);
        });
        return command;
    }

    public static async Task<PagesResult> RunAsync(ConversationRequest request, int pages, int turns, int updates, CancellationToken cancellationToken)
    {
        var paths = ConsolePaths.Find();
        using var folder = new BenchFolder(paths);
        await using var browser = await Browser.StartAsync(folder.File("browser"), cancellationToken);
        var (without, with) = turns == 0 ? ([], []) : await TurnsAsync(browser, new ConsolePaths(folder.File("turns"), paths.Models), request, pages, turns, cancellationToken);
        var updated = await UpdatesAsync(browser, folder, updates, cancellationToken);
        return updated with { Pages = pages, WithoutMs = without, WithMs = with };
    }

    private static async Task<(List<double> Without, List<double> With)> TurnsAsync(
        Browser browser, ConsolePaths paths, ConversationRequest request, int pages, int turns, CancellationToken cancellationToken)
    {
        var store = new ModelStore(paths);
        await using var app = ConsoleHost.Build(
            new ConsoleHostOptions { Port = 0, Request = request },
            services => services.AddSingleton(paths).AddSingleton<IConversationFactory>(new ConversationFactory(store, paths)).AddHostedService<StorageService>());
        await app.StartAsync(cancellationToken);
        var host = app.Services.GetRequiredService<ConversationHost>();
        await host.StartAsync();
        var conversation = host.Current ?? throw new InvalidOperationException(host.Problem?.What ?? "No conversation could be started.");
        using var events = conversation.Events.SubscribeLossless();
        List<double> without = [], with = [];
        // The first warms up; then a few of the one and a few of the other, so that neither has the quieter part of the machine's day.
        await TurnAsync(conversation, events, s_questions[0], cancellationToken);
        while (with.Count < turns)
        {
            await HoldAsync(without);
            for (var i = 0; i < pages; i++)
                await browser.OpenAsync(app.Urls.First() + s_pages[i % s_pages.Length], cancellationToken);
            await HoldAsync(with);
            await browser.CloseAllAsync(cancellationToken);
        }

        await host.StopAsync();
        await app.StopAsync(CancellationToken.None);
        return (without, with);

        async Task HoldAsync(List<double> times)
        {
            foreach (var question in s_questions)
            {
                if (await TurnAsync(conversation, events, question, cancellationToken) is { } time)
                    times.Add(time);
            }
        }
    }

    private static async Task<double?> TurnAsync(IConversation conversation, EventSubscription events, string question, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_turn);
        await conversation.RoomUser!.SpeakAsync(question, limit.Token);
        var seen = new List<TurnEvent>();
        await foreach (var turnEvent in events.Reader.ReadAllAsync(limit.Token))
        {
            seen.Add(turnEvent);
            if (turnEvent is TurnCompleted)
                break;
        }

        return TurnTimeline.From(seen, seen[^1].Turn, 16_000)?.VoiceToVoice.TotalMilliseconds;
    }

    private static async Task<PagesResult> UpdatesAsync(Browser browser, BenchFolder folder, int updates, CancellationToken cancellationToken)
    {
        var conversation = new BenchConversation(TimeProvider.System);
        await using var app = ConsoleHost.Build(
            new ConsoleHostOptions { Port = 0 }, services => services.AddSingleton(new ConsolePaths(folder.File("data"), ConsolePaths.Find().Models)).AddSingleton<IConversationFactory>(conversation));
        await app.StartAsync(cancellationToken);
        await app.Services.GetRequiredService<ConversationHost>().StartAsync();
        conversation.PublishTurn();
        // Once for the compiler; then what the events take when nobody looks, and what they take on a page.
        await OpenAsync();
        await SayAsync(WarmUp, null);
        await browser.CloseAllAsync(cancellationToken);
        var unseen = await CpuAsync(() => SayAsync(updates, null));
        var tab = await OpenAsync();
        await tab.EvaluateAsync(Watch, cancellationToken);
        var sent = new Dictionary<string, double>();
        var (framesBefore, bytesBefore) = tab.Received;
        var seen = await CpuAsync(() => SayAsync(updates, sent));
        var (frames, bytes) = (tab.Received.Frames - framesBefore, tab.Received.Bytes - bytesBefore);
        var marks = (await tab.EvaluateAsync("window.marks", cancellationToken))!.AsObject();
        var delays = marks.Where(m => sent.ContainsKey(m.Key)).Select(m => (double)m.Value! - sent[m.Key]).Order().ToList();
        await browser.CloseAllAsync(cancellationToken);
        await app.StopAsync(CancellationToken.None);
        return new PagesResult(
            0, [], [], updates, delays, frames / seen.Took.TotalSeconds, frames == 0 ? 0 : bytes / (double)frames, frames == 0 ? 0 : (seen.Cpu - unseen.Cpu).TotalMilliseconds / frames);

        async Task<BrowserTab> OpenAsync()
        {
            var opened = await browser.OpenAsync(app.Urls.First() + "/", cancellationToken);
            await opened.WaitForAsync("document.querySelectorAll('[data-unheard]').length", TimeSpan.FromSeconds(30), cancellationToken);
            return opened;
        }

        async Task SayAsync(int count, Dictionary<string, double>? at)
        {
            for (var i = 0; i < count; i++)
            {
                at?.Add(i.ToString(CultureInfo.InvariantCulture), (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds);
                // What is not measured must not be taken for a mark.
                conversation.Say(at is null ? $"w{i} " : $"m{i} ");
                // So that the reply stays as long as replies are.
                if (i % 30 == 29)
                    conversation.PublishTurn();
                await Task.Delay(s_between, cancellationToken);
            }
        }
    }

    // Processor time of this process, and how long it took.
    private static async Task<(TimeSpan Cpu, TimeSpan Took)> CpuAsync(Func<Task> work)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        await work();
        var took = Stopwatch.GetElapsedTime(started);
        process.Refresh();
        return (process.TotalProcessorTime - before, took);
    }
}

/// <summary>What open pages cost.</summary>
/// <param name="WithoutMs">Voice-to-voice latency of each turn while no page was open.</param>
/// <param name="WithMs">The same while <paramref name="Pages"/> were.</param>
/// <param name="Updates">Events whose way to a page was measured.</param>
/// <param name="DelaysMs">From the event to its being on the page, ascending.</param>
/// <param name="FramesPerSecond">Messages to the page, the meters' included.</param>
/// <param name="BytesPerFrame">Of such a message.</param>
/// <param name="ServerMsPerFrame">Processor time of the server for it, what it takes without pages not counted.</param>
internal sealed record PagesResult(
    int Pages, IReadOnlyList<double> WithoutMs, IReadOnlyList<double> WithMs, int Updates, IReadOnlyList<double> DelaysMs,
    double FramesPerSecond, double BytesPerFrame, double ServerMsPerFrame)
{
    /// <summary>Median with pages over median without; null where no turn was held.</summary>
    public double? Ratio => WithMs.Count == 0 || WithoutMs.Count == 0 ? null : At(WithMs, 0.5) / At(WithoutMs, 0.5);

    /// <summary>Of the latency only where turns were held.</summary>
    public IReadOnlyList<Target> Targets =>
    [
        new("event to page, p95, ms", DelaysMs.Count == 0 ? null : At(DelaysMs, 0.95), 100),
        .. WithMs.Count == 0 ? [] : new[] { new Target("turn latency with pages over that without", Ratio, 1.02) },
    ];

    public void Print(TextWriter writer)
    {
        if (WithMs.Count > 0)
        {
            writer.WriteLine($"turn latency, no page      p50 {At(WithoutMs, 0.5):0} ms, p95 {At(WithoutMs, 0.95):0} ms ({WithoutMs.Count} turns)");
            writer.WriteLine($"turn latency, {Pages} pages      p50 {At(WithMs, 0.5):0} ms, p95 {At(WithMs, 0.95):0} ms ({WithMs.Count} turns), ratio {Ratio:0.000} {Targets[1]}");
        }

        writer.WriteLine(DelaysMs.Count == 0 ? "event to page              nothing arrived" : $"event to page              p50 {At(DelaysMs, 0.5):0} ms, p95 {At(DelaysMs, 0.95):0} ms, most {DelaysMs[^1]:0} ms ({DelaysMs.Count} of {Updates} events seen) {Targets[0]}");
        writer.WriteLine($"messages to the Live page  {FramesPerSecond:0.0} a second, {BytesPerFrame:0} bytes and {ServerMsPerFrame:0.00} ms of the server each, beyond what it takes when nobody looks");
    }

    private static double At(IReadOnlyList<double> values, double share) => Percentile.Of([.. values.Order()], share);
}
