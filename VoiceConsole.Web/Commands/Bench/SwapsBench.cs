using System.CommandLine;
using System.Diagnostics;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>
/// <c>bench swaps</c>: recogniser, language model and voice replaced over and over in a conversation in a simulated room, every
/// engine real. Prints turns lost, frames lost, and the memory before and after.
/// </summary>
internal static class SwapsBench
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1.7);

    public static Command Build()
    {
        var swaps = new Option<int>("--swaps") { Description = "How many.", DefaultValueFactory = _ => 1_000 };
        var json = CommandRun.JsonOption();
        var command = new Command("swaps", """
            Replaces engines over and over while a conversation goes on in a simulated room on virtual time.

            Example:
              bench swaps --llm model.gguf --swaps 1000
            """) { swaps, json };
        var engines = EngineOptions.AddTo(command);
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var request = engines.Apply(parsed, new ConversationRequest { Device = "room", Room = "headphones", VirtualTime = true });
            var result = await RunAsync(request with { Options = request.Options with { Record = false } }, parsed.GetValue(swaps), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                result.Print(Console.Out);
            return result.TurnsLost == 0 && result.SwapsFailed == 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<SwapsResult> RunAsync(ConversationRequest request, int swaps, CancellationToken cancellationToken)
    {
        var paths = ConsolePaths.Find();
        using var folder = new BenchFolder(paths);
        request = request with { Microphone = folder.File("user.wav") };
        await BenchUser.RecordAsync(request.Microphone, new ModelStore(paths), s_between * (swaps + 4), request.Options.Language, cancellationToken);
        await using var session = await new ConversationFactory(new ModelStore(paths), paths).CreateSessionAsync(request, new ConsoleProgress(), cancellationToken);
        using var subscription = session.Events.SubscribeLossless();
        var memory = new List<long>();
        var made = 0;
        // The first engines of each kind and voice take what stays taken.
        var settled = Math.Min(swaps / 4, 60);
        using var timer = session.Loop.Time.CreateTimer(_ => Swap(), null, s_between, s_between);
        var started = Stopwatch.GetTimestamp();
        session.Start();
        await using var stop = cancellationToken.Register(() => _ = session.StopAsync());
        await session.Completion;
        var took = Stopwatch.GetElapsedTime(started);
        cancellationToken.ThrowIfCancellationRequested();
        var events = new List<TurnEvent>();
        while (subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        var swapped = events.OfType<EngineSwapped>().ToList();
        return new SwapsResult(
            swapped.Count, events.OfType<EngineSwapFailed>().Count(), swapped.CountBy(s => s.Kind).ToDictionary(),
            events.OfType<TurnCompleted>().Count(t => t.Outcome is "answered" or "interrupted"),
            events.OfType<TurnCompleted>().Count(t => t.Outcome is "failed"),
            events.OfType<DeviceChanged>().LastOrDefault()?.Overruns ?? 0,
            memory.Count > settled ? memory[settled] : 0, memory.Count > 0 ? memory[^1] : 0, took);

        void Swap()
        {
            if (made >= swaps)
                return;
            GC.Collect();
            memory.Add(Environment.WorkingSet);
            var (kind, id) = (made++ % 3) switch
            {
                0 => (EngineKind.Voice, EngineLoader.Voices[made / 3 % EngineLoader.Voices.Count]),
                1 => (EngineKind.LanguageModel, request.LanguageModel),
                _ => (EngineKind.Recognizer, request.Recognizer),
            };
            _ = session.SwapAsync(kind, id, freeFirst: false, CancellationToken.None);
        }
    }
}

/// <param name="Kinds">Swaps by kind.</param>
/// <param name="TurnsLost">Turns that failed.</param>
/// <param name="FramesLost">Overruns of the device.</param>
/// <param name="MemoryBefore">Bytes of the process once each engine had been there, garbage collected.</param>
/// <param name="MemoryAfter">The same at the last swap.</param>
internal sealed record SwapsResult(
    int Swaps, int SwapsFailed, IReadOnlyDictionary<string, int> Kinds, int Turns, int TurnsLost, long FramesLost, long MemoryBefore, long MemoryAfter, TimeSpan Took)
{
    public void Print(TextWriter writer)
    {
        writer.WriteLine($"swaps    {Swaps} made ({string.Join(", ", Kinds.Select(k => $"{k.Value} {k.Key}"))}), {SwapsFailed} failed, in {Took.TotalSeconds:0} s");
        writer.WriteLine($"turns    {Turns} answered or interrupted, {TurnsLost} failed; {FramesLost} frames lost");
        writer.WriteLine($"memory   {MemoryBefore / 1e6:0.0} MB before, {MemoryAfter / 1e6:0.0} MB after ({(MemoryBefore > 0 ? 100.0 * (MemoryAfter - MemoryBefore) / MemoryBefore : 0):+0.0;-0.0} %)");
    }
}
