using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>
/// <c>bench swaps --live</c>: real-time turns, quiet ones and ones during which the engines that serve are loaded anew without a
/// pause, in turns in one conversation. What the loading costs in latency and in sound.
/// </summary>
internal static class LiveSwaps
{
    private const double MostLatency = 1.1;

    private static readonly string[] s_questions = ["what is the time", "what can you do", "good morning", "how are you today", "thank you very much"];

    public static async Task<int> RunAsync(ConversationRequest request, int turns, bool asJson, CancellationToken cancellationToken)
    {
        var paths = ConsolePaths.Find();
        using var folder = new BenchFolder(paths);
        request = request with { Output = folder.File("tracks"), Options = request.Options with { Record = true } };
        List<LiveTurn> quiet = [], loaded = [];
        await using (var session = await new ConversationFactory(new ModelStore(paths), paths).CreateSessionAsync(request, new ConsoleProgress(), cancellationToken))
        {
            using var events = session.Events.SubscribeLossless();
            session.Start();
            // The first turn of each kind warms up.
            for (var turn = -2; turn < turns; turn++)
            {
                var isLoaded = turn % 2 != 0;
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var load = isLoaded ? LoadAsync(session, request, stop.Token) : Task.FromResult(0);
                var measured = await TurnAsync(session, events, s_questions[(turn + 2) / 2 % s_questions.Length], cancellationToken);
                await stop.CancelAsync();
                measured = measured with { Swaps = await load };
                if (turn >= 0)
                    (isLoaded ? loaded : quiet).Add(measured);
            }

            await session.StopAsync();
        }

        var loopback = WavReader.ReadAll(Path.Combine(request.Output, "loopback.wav"), AudioFormat.Engine.SampleRate);
        var result = new LiveSwapsResult(loaded.Sum(t => t.Swaps), Side(quiet, loopback), Side(loaded, loopback));
        if (asJson)
            CommandRun.Print(result);
        else
            result.Print(Console.Out);
        return result.IsGood ? ExitCode.Ok : ExitCode.Failed;

        static LiveSide Side(List<LiveTurn> turns, float[] loopback) => new(
            turns.Count, turns.Count(t => t.Outcome != "answered"), Median(turns.Where(t => t.LatencyMs > 0).Select(t => t.LatencyMs)), turns.Sum(t => t.Underruns), turns.Sum(t => t.Overruns),
            turns.Where(t => t.To > t.From && t.To <= loopback.Length).Select(t => LongestSilence(loopback.AsSpan((int)t.From..(int)t.To))).DefaultIfEmpty(0).Max());
    }

    // What serves is loaded once more, so that both kinds of turns are held with the same engines.
    private static async Task<int> LoadAsync(ConversationSession session, ConversationRequest request, CancellationToken cancellationToken)
    {
        var swaps = 0;
        try
        {
            while (true)
            {
                await session.SwapAsync(EngineKind.Voice, request.Voice, freeFirst: false, cancellationToken);
                await session.SwapAsync(EngineKind.Recognizer, request.Recognizer, freeFirst: false, cancellationToken);
                await session.SwapAsync(EngineKind.LanguageModel, request.LanguageModel, freeFirst: false, cancellationToken);
                swaps += 3;
            }
        }
        catch (OperationCanceledException)
        {
            return swaps;
        }
    }

    private static async Task<LiveTurn> TurnAsync(ConversationSession session, EventSubscription events, string question, CancellationToken cancellationToken)
    {
        var before = session.DeviceStatus;
        await session.RoomUser!.SpeakAsync(question, cancellationToken);
        var seen = new List<TurnEvent>();
        await foreach (var turnEvent in events.Reader.ReadAllAsync(cancellationToken))
        {
            seen.Add(turnEvent);
            if (turnEvent is TurnCompleted)
                break;
        }

        var turn = (TurnCompleted)seen[^1];
        var after = session.DeviceStatus;
        return new LiveTurn(
            turn.Outcome, TurnTimeline.From(seen, turn.Turn, AudioFormat.Engine.SampleRate)?.VoiceToVoice.TotalMilliseconds ?? 0,
            seen.OfType<PlaybackStarted>().FirstOrDefault()?.Position ?? 0, seen.OfType<PlaybackFinished>().LastOrDefault()?.Position ?? 0,
            after.Underruns - before.Underruns, after.Overruns - before.Overruns, 0);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length > 0 ? sorted[sorted.Length / 2] : 0;
    }

    // Milliseconds of nothing at all, as a loudspeaker that is given no sound plays.
    private static double LongestSilence(ReadOnlySpan<float> samples)
    {
        var (longest, run) = (0, 0);
        foreach (var sample in samples)
            longest = Math.Max(longest, run = sample == 0 ? run + 1 : 0);
        return longest * 1000.0 / AudioFormat.Engine.SampleRate;
    }

    private sealed record LiveTurn(string Outcome, double LatencyMs, long From, long To, long Underruns, long Overruns, int Swaps);

    /// <param name="Turns">Held.</param>
    /// <param name="Lost">Not answered to the end.</param>
    /// <param name="LatencyMs">Median voice to voice.</param>
    /// <param name="Underruns">Frames that the loudspeaker had no sound for in the midst of a reply.</param>
    /// <param name="Overruns">Frames of the microphone that were dropped.</param>
    /// <param name="LongestSilenceMs">Within a reply; a voice's own pauses among them.</param>
    internal sealed record LiveSide(int Turns, int Lost, double LatencyMs, long Underruns, long Overruns, double LongestSilenceMs)
    {
        public override string ToString() => $"{Turns} turns, {Lost} lost; latency p50 {LatencyMs:0} ms; {Underruns} underruns, {Overruns} frames lost; longest silence in a reply {LongestSilenceMs:0} ms";
    }

    /// <param name="Swaps">Made while the loaded turns went on.</param>
    internal sealed record LiveSwapsResult(int Swaps, LiveSide Quiet, LiveSide Loaded)
    {
        public double LatencyRatio => Quiet.LatencyMs > 0 ? Loaded.LatencyMs / Quiet.LatencyMs : 0;

        public bool IsGood => Loaded.Turns > 0 && Swaps > 0 && Loaded is { Lost: 0, Underruns: 0, Overruns: 0 } && LatencyRatio is > 0 and <= MostLatency;

        public void Print(TextWriter writer)
        {
            writer.WriteLine($"quiet    {Quiet}");
            writer.WriteLine($"loading  {Loaded}; {Swaps} swaps made meanwhile");
            writer.WriteLine($"ratio    {LatencyRatio:0.00} of the usual latency");
        }
    }
}
