using System.CommandLine;
using System.Diagnostics;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary><c>bench library</c>: how long it takes to list, search and open stored conversations when there are very many.</summary>
internal static class LibraryBench
{
    private const int TurnsEach = 10;
    private const int PageSize = 30;
    private const int Rounds = 20;

    public static Command Build()
    {
        var turns = new Option<int>("--turns") { Description = "Turns to store, ten a conversation.", DefaultValueFactory = _ => 100_000 };
        var json = CommandRun.JsonOption();
        var command = new Command("library", """
            Stores made-up conversations in a folder for temporary files, as the console itself does, and measures how long it takes to
            list, search and open them. Storing 100,000 turns takes some minutes and about 500 MB.

            Example:
              bench library --turns 100000 --json
            """) { turns, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(turns) is not (>= TurnsEach and <= 10_000_000) and var many)
                throw new ArgumentException($"--turns {many} makes no sense: {TurnsEach} to 10,000,000.");
            var result = await RunAsync(parsed.GetValue(turns), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                result.Print(Console.Out);
            return Target.ExitCode(result.Figures.Select(f => f.Target));
        });
        return command;
    }

    public static async Task<LibraryResult> RunAsync(int turns, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("voiceconsole-bench-");
        try
        {
            await using var storage = new ConversationStorage(new ConsolePaths(folder.FullName));
            var database = await storage.RequireAsync(cancellationToken);
            var random = new Random(1);
            var started = Stopwatch.GetTimestamp();
            for (var conversation = 0; conversation < turns / TurnsEach; conversation++)
            {
                await StoreAsync(database, conversation, random, cancellationToken);
                if ((conversation + 1) % 1000 == 0)
                    Console.Error.WriteLine($"{(conversation + 1) * TurnsEach:N0} turns stored");
            }

            return await MeasureAsync(
                new ConversationLibrary(storage, TimeProvider.System), turns, Stopwatch.GetElapsedTime(started), new FileInfo(database.File).Length, random, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task StoreAsync(Database database, int number, Random random, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        TurnEvent[] events =
        [
            new ConversationStarted(
                id, DateTimeOffset.UnixEpoch.AddYears(50).AddMinutes(number * 17), 16_000, "room", "pocketsphinx", $"model-{number % 5}", "flite", "webrtc"),
            .. Enumerable.Range(1, TurnsEach).SelectMany(turn => LibraryText.Turn(turn, number, random)),
            new ConversationEnded(TurnsEach * 160_000L + 160_000, "stopped"),
        ];
        await EventStore.WriteAsync(
            database, new ConversationSource(id, null, ConversationOwner.Current), [.. events.Select((e, i) => new StoredEvent(i, e))], cancellationToken);
    }

    private static async Task<LibraryResult> MeasureAsync(
        ConversationLibrary library, int turns, TimeSpan stored, long bytes, Random random, CancellationToken cancellationToken)
    {
        var all = await library.FindAsync(new LibraryFilter(), cancellationToken);
        // What a page asks for: all that fits, and the first of it described.
        async Task Show(LibraryFilter filter) =>
            await library.DescribeAsync([.. (await library.FindAsync(filter, cancellationToken)).Take(PageSize)], cancellationToken);
        LibraryFigure[] figures =
        [
            await TimeAsync("list all", () => Show(new LibraryFilter())),
            await TimeAsync("list filtered", () => Show(new LibraryFilter { Model = $"model-{random.Next(5)}", Interrupted = random.Next(2) == 0, Failed = random.Next(3) == 0 })),
            await TimeAsync("filter choices", () => library.ChoicesAsync(cancellationToken)),
            await TimeAsync("scroll", () => library.DescribeAsync([.. all.Skip(random.Next(all.Count)).Take(PageSize)], cancellationToken)),
            await TimeAsync("search: a rare word", () => Show(new LibraryFilter { Text = LibraryText.Rare(random) })),
            await TimeAsync("search: a word of one turn in ten", () => Show(new LibraryFilter { Text = LibraryText.Common(random) })),
            await TimeAsync("search: a word of every turn", () => Show(new LibraryFilter { Text = LibraryText.Everywhere })),
            await TimeAsync("search: two words", () => Show(new LibraryFilter { Text = $"{LibraryText.Common(random)} {LibraryText.Common(random)}" })),
            await TimeAsync("search: a phrase", () => Show(new LibraryFilter { Text = $"\"{LibraryText.Everywhere} {LibraryText.Common(random)}\"" })),
            await TimeAsync("search: two Chinese characters", () => Show(new LibraryFilter { Text = LibraryText.Chinese(random) })),
            await TimeAsync("open", () => library.OpenAsync(all[random.Next(all.Count)].Id, cancellationToken)),
        ];
        return new LibraryResult(turns, all.Count, stored.TotalSeconds, bytes / 1e6, figures);
    }

    private static async Task<LibraryFigure> TimeAsync(string what, Func<Task> work)
    {
        await work();
        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            await work();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        times.Sort();
        return new LibraryFigure(what, Percentile.Of(times, 0.5), Percentile.Of(times, 0.95), times[^1]);
    }
}

/// <summary>Milliseconds of twenty rounds.</summary>
internal sealed record LibraryFigure(string What, double P50Ms, double P95Ms, double MostMs)
{
    public Target Target => new($"{What}, p95, ms", P95Ms, 100);
}

internal sealed record LibraryResult(int Turns, int Conversations, double StoredInSeconds, double Megabytes, IReadOnlyList<LibraryFigure> Figures)
{
    public void Print(TextWriter writer)
    {
        writer.WriteLine($"{Turns:N0} turns in {Conversations:N0} conversations, {Megabytes:0} MB, stored in {StoredInSeconds:0} s");
        foreach (var figure in Figures)
            writer.WriteLine($"{figure.What,-36} p50 {figure.P50Ms,6:0.0} ms, p95 {figure.P95Ms,6:0.0} ms, most {figure.MostMs,6:0.0} ms {figure.Target}");
    }
}
