using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>
/// <c>bench hour</c>: an hour of conversation in a simulated room on virtual time, every engine real, held twice. Prints how long
/// it took and whether events and recorded tracks are the same, bit for bit.
/// </summary>
internal static class HourBench
{
    private const int WavHeader = 44;

    public static Command Build()
    {
        var minutes = new Option<int>("--minutes") { Description = "Length of the conversation.", DefaultValueFactory = _ => 60 };
        var json = CommandRun.JsonOption();
        var command = new Command("hour", """
            Holds an hour of conversation twice in a simulated room on virtual time, and compares the two. Exit code 1 when a
            target is missed: an hour in under 3 minutes, and the same twice.

            Example:
              bench hour --llm model.gguf
            """) { minutes, json };
        var engines = EngineOptions.AddTo(command);
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var request = engines.Apply(parsed, new ConversationRequest { Device = "room", Room = "desk", VirtualTime = true });
            var result = await RunAsync(request, TimeSpan.FromMinutes(parsed.GetValue(minutes)), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                result.Print(Console.Out);
            return Target.ExitCode(result.Targets);
        });
        return command;
    }

    private static async Task<HourResult> RunAsync(ConversationRequest request, TimeSpan length, CancellationToken cancellationToken)
    {
        var paths = ConsolePaths.Find();
        using var folder = new BenchFolder(paths);
        request = request with { Microphone = folder.File("user.wav") };
        await BenchUser.RecordAsync(request.Microphone, new ModelStore(paths), length, request.Options.Language, cancellationToken);
        var (first, took, model) = await HoldAsync(paths, request with { Output = folder.File("first") }, cancellationToken);
        var (second, tookAgain, _) = await HoldAsync(paths, request with { Output = folder.File("second") }, cancellationToken);
        var outcomes = first.OfType<TurnCompleted>().CountBy(t => t.Outcome).OrderBy(o => o.Key, StringComparer.Ordinal).ToDictionary();
        return new HourResult(
            model, length, took, tookAgain, outcomes, first.Count,
            Difference((first, folder.File("first")), (second, folder.File("second"))));
    }

    private static async Task<(List<TurnEvent> Events, TimeSpan Took, string Model)> HoldAsync(ConsolePaths paths, ConversationRequest request, CancellationToken cancellationToken)
    {
        await using var conversation = await new ConversationFactory(new ModelStore(paths), paths).CreateAsync(request, new ConsoleProgress(), cancellationToken);
        using var events = conversation.Events.SubscribeLossless();
        var started = Stopwatch.GetTimestamp();
        conversation.Start();
        await using var stop = cancellationToken.Register(() => _ = conversation.StopAsync());
        await conversation.Completion;
        var took = Stopwatch.GetElapsedTime(started);
        cancellationToken.ThrowIfCancellationRequested();
        var seen = new List<TurnEvent>();
        while (events.Reader.TryRead(out var turnEvent))
            seen.Add(turnEvent);
        return (seen, took, seen.OfType<ConversationStarted>().First().Model);
    }

    // Null when there is none. The conversation's own number is another each time.
    private static string? Difference((List<TurnEvent> Events, string Tracks) first, (List<TurnEvent> Events, string Tracks) second)
    {
        var found = new List<string>();
        if (first.Events.Count != second.Events.Count)
            found.Add($"{first.Events.Count} events against {second.Events.Count}");
        var differ = first.Events.Skip(1).Zip(second.Events.Skip(1)).Where(pair => Written(pair.First) != Written(pair.Second)).ToList();
        if (differ.Count > 0)
            found.Add($"{differ.Count} events differ, the first {Written(differ[0].First)} from {Written(differ[0].Second)}");
        foreach (var file in Directory.EnumerateFiles(first.Tracks, "*.wav").Select(Path.GetFileName).Order(StringComparer.Ordinal))
        {
            if (FirstDifference(Path.Combine(first.Tracks, file!), Path.Combine(second.Tracks, file!)) is { } at)
                found.Add($"track {file} differs from {AudioFormat.Engine.ToTime(Math.Max(0, at - WavHeader) / sizeof(short)):hh\\:mm\\:ss\\.fff} on");
        }

        return found.Count == 0 ? null : string.Join("; ", found);
    }

    private static string Written(TurnEvent turnEvent) => $"{turnEvent.GetType().Name} {JsonSerializer.Serialize<object>(turnEvent)}";

    // Offset of the first byte that is another; null where the files are equal.
    private static long? FirstDifference(string first, string second)
    {
        using var one = File.OpenRead(first);
        using var other = File.OpenRead(second);
        byte[] block = new byte[1 << 16], against = new byte[1 << 16];
        for (long offset = 0; ;)
        {
            var (read, readAgainst) = (one.ReadAtLeast(block, block.Length, throwOnEndOfStream: false), other.ReadAtLeast(against, against.Length, throwOnEndOfStream: false));
            var same = block.AsSpan(0, read).CommonPrefixLength(against.AsSpan(0, readAgainst));
            if (same < Math.Max(read, readAgainst))
                return offset + same;
            if (read == 0)
                return null;
            offset += read;
        }
    }
}

/// <param name="Outcomes">Turns by how they ended.</param>
/// <param name="Difference">The first one in events or tracks; null where both runs are equal, bit for bit.</param>
internal sealed record HourResult(
    string Model, TimeSpan Length, TimeSpan FirstRun, TimeSpan SecondRun, IReadOnlyDictionary<string, int> Outcomes, int Events, string? Difference)
{
    public bool AreTheSame => Difference is null;

    public IReadOnlyList<Target> Targets =>
    [
        new("slower run, s", Math.Max(FirstRun.TotalSeconds, SecondRun.TotalSeconds), 180 * Length.TotalHours),
        new("differences between the two", AreTheSame ? 0 : 1, 0),
    ];

    public void Print(TextWriter writer)
    {
        writer.WriteLine($"simulated {Length.TotalMinutes:0} min with {Model}: {FirstRun.TotalSeconds:0.0} s, again {SecondRun.TotalSeconds:0.0} s {Targets[0]}");
        writer.WriteLine($"turns     {string.Join(", ", Outcomes.Select(o => $"{o.Value} {o.Key}"))}; {Events} events");
        writer.WriteLine($"repeated  {(AreTheSame ? "bit for bit the same, events and tracks" : $"NOT the same: {Difference}")} {Targets[1]}");
    }
}
