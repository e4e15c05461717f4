using System.CommandLine;
using System.Diagnostics;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>
/// <c>bench latency</c>: real-time turns in a simulated room. Prints the voice-to-voice latency, what of it the engines took,
/// the overhead that is the pipeline's own, and the cost and allocation of one audio frame.
/// </summary>
internal static class LatencyBench
{
    private static readonly string[] s_questions = ["what is the time", "tell me a story", "good morning", "how are you today", "where is the door"];

    public static Command Build()
    {
        var turns = new Option<int>("--turns") { Description = "Turns to hold, in real time (about 5 s each).", DefaultValueFactory = _ => 20 };
        var json = CommandRun.JsonOption();
        var command = new Command("latency", """
            Holds real-time turns in a simulated room and measures where the time goes.

            Example:
              bench latency --turns 20 --llm model.gguf --json
            """) { turns, json };
        var engines = EngineOptions.AddTo(command);
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var request = engines.Apply(parsed, new ConversationRequest { Device = "room", Room = "desk" });
            request = request with { Options = request.Options with { Record = false } };
            var result = await RunAsync(request, parsed.GetValue(turns), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                result.Print(Console.Out);
            return result.VoiceToVoiceMs.Count == 0 ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    private static async Task<LatencyResult> RunAsync(ConversationRequest request, int turns, CancellationToken cancellationToken)
    {
        var paths = ConsolePaths.Find();
        var times = new EngineTimes(TimeProvider.System);
        await using var conversation = await new ConversationFactory(new ModelStore(paths), paths).CreateSessionAsync(
            request, new ConsoleProgress(), cancellationToken,
            (engines, time) => engines with { Recognizer = times.Wrap(engines.Recognizer), Voice = times.Wrap(engines.Voice) },
            times.Wrap);
        using var events = conversation.Events.SubscribeLossless();
        conversation.Start();
        List<double> voiceToVoice = [], overhead = [], device = [], stops = [];
        for (var turn = 0; turn < turns; turn++)
        {
            await conversation.RoomUser!.SpeakAsync(s_questions[turn % s_questions.Length], cancellationToken);
            var seen = new List<TurnEvent>();
            await foreach (var turnEvent in events.Reader.ReadAllAsync(cancellationToken))
            {
                seen.Add(turnEvent);
                // Every fourth reply is stopped as soon as it is audible: the second figure.
                if (turnEvent is PlaybackStarted && turn % 4 == 3)
                    conversation.Interrupt();
                if (turnEvent is TurnCompleted)
                    break;
            }

            if (seen.OfType<TurnInterrupted>().FirstOrDefault() is { } interrupted)
                stops.Add((interrupted.LastRendered - interrupted.Position) * 1000.0 / AudioFormat.Engine.SampleRate);
            if (TurnTimeline.From(seen, seen[^1].Turn, AudioFormat.Engine.SampleRate) is not { } timeline)
                continue;
            voiceToVoice.Add(timeline.VoiceToVoice.TotalMilliseconds);
            // The end-of-turn delay is a setting, not work; after the device has the sound, nothing is left to do but wait for it.
            var handedOver = seen.OfType<PlaybackStarted>().First().HandedOver;
            var from = conversation.Clock.TimestampAt(timeline.Stages[0].End);
            var to = conversation.Clock.TimestampAt(handedOver);
            overhead.Add((TimeProvider.System.GetElapsedTime(from, to) - times.Within(from, to)).TotalMilliseconds);
            device.Add((timeline.End - handedOver) * 1000.0 / AudioFormat.Engine.SampleRate);
        }

        var (frameMs, frameBytes) = await MeasureFrameAsync(paths, request, cancellationToken);
        return new LatencyResult(voiceToVoice, overhead, device, stops, frameMs, frameBytes);
    }

    // The listener's work on one 10 ms frame, alone on this thread.
    private static async Task<(double Milliseconds, double Bytes)> MeasureFrameAsync(ConsolePaths paths, ConversationRequest request, CancellationToken cancellationToken)
    {
        const int Frames = 3000;
        var loader = new EngineLoader(new ModelStore(paths), TaskScheduler.Default);
        using var listener = new Listener(
            await loader.CancellerAsync(request.Canceller, cancellationToken), await loader.DetectorAsync(cancellationToken), request.Options, AudioFormat.Engine);
        var sound = new float[AudioFormat.Engine.FrameSamples];
        var random = new Random(1);
        for (var i = 0; i < sound.Length; i++)
            sound[i] = (float)(random.NextDouble() - 0.5) * 0.1f;
        Run(0);
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        Run(Frames);
        var took = Stopwatch.GetElapsedTime(started);
        return (took.TotalMilliseconds / Frames, (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)Frames);

        void Run(int first)
        {
            for (var i = first; i < first + Frames; i++)
                listener.Process(new AudioFrame(sound, sound, (long)i * sound.Length, 0), replying: false);
        }
    }
}

/// <summary>
/// Milliseconds each. The device's time runs from its first sample of a reply to the first audible one, the voice's own leading
/// silence included; the stop is counted from the decision to the last rendered sample.
/// </summary>
internal sealed record LatencyResult(
    IReadOnlyList<double> VoiceToVoiceMs, IReadOnlyList<double> OverheadMs, IReadOnlyList<double> DeviceMs, IReadOnlyList<double> StopMs, double FrameMs, double FrameBytes)
{
    public void Print(TextWriter writer)
    {
        writer.WriteLine($"voice-to-voice latency   {Figures(VoiceToVoiceMs)}");
        writer.WriteLine($"pipeline overhead        {Figures(OverheadMs)}");
        writer.WriteLine($"device and lead-in       {Figures(DeviceMs)}");
        writer.WriteLine($"decision to last sample  {Figures(StopMs)}");
        writer.WriteLine($"work on a 10 ms frame    {FrameMs:0.000} ms, {FrameBytes:0.##} bytes allocated");
    }

    private static string Figures(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            return "nothing measured";
        var sorted = values.Order().ToArray();
        return $"p50 {At(0.5):0.0} ms, p95 {At(0.95):0.0} ms, most {sorted[^1]:0.0} ms ({sorted.Length} turns)";

        double At(double share) => sorted[(int)Math.Min(sorted.Length - 1, Math.Ceiling(share * sorted.Length) - 1)];
    }
}
