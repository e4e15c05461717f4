using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>
/// <c>bench latency</c>: real-time turns in a simulated room. Prints the voice-to-voice latency, what of it the engines took,
/// the overhead that is the pipeline's own, and the cost and allocation of one audio frame; each beside its target.
/// </summary>
internal static class LatencyBench
{
    private static readonly string[] s_questions = ["what is the time", "tell me a story", "good morning", "how are you today", "where is the door"];

    public static Command Build()
    {
        var turns = new Option<int>("--turns") { Description = "Turns to hold, in real time (about 5 s each).", DefaultValueFactory = _ => 20 };
        var json = CommandRun.JsonOption();
        var command = new Command("latency", """
            Holds real-time turns in a simulated room and measures where the time goes. Exit code 1 when a target is missed, or
            not measured: every fourth turn is stopped in mid-reply.

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
            return Target.ExitCode(result.Targets);
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

        var (frameMs, frameP95, frameBytes) = await FrameCost.MeasureAsync(paths, request, cancellationToken);
        return new LatencyResult(voiceToVoice, overhead, device, stops, frameMs, frameP95, frameBytes);
    }
}

/// <summary>
/// Milliseconds each. The device's time runs from its first sample of a reply to the first audible one, the voice's own leading
/// silence included; the stop is counted from the decision to the last rendered sample, and the room's device has no buffer of its own.
/// </summary>
/// <param name="FrameMs">Mean of the loop's work on a 10 ms frame in which a reply sounds.</param>
/// <param name="FrameP95Ms">Its 95th percentile.</param>
/// <param name="FrameBytes">Allocated for such a frame when nothing happens in it that is told to anybody: 99 in 100 allocate no more.</param>
internal sealed record LatencyResult(
    IReadOnlyList<double> VoiceToVoiceMs, IReadOnlyList<double> OverheadMs, IReadOnlyList<double> DeviceMs, IReadOnlyList<double> StopMs,
    double FrameMs, double FrameP95Ms, double FrameBytes)
{
    public IReadOnlyList<Target> Targets =>
    [
        new("pipeline overhead, p95, ms", At(OverheadMs, 0.95), 5),
        new("decision to last sample, most, ms", At(StopMs, 1), 20),
        new("work on a 10 ms frame, p95, ms", FrameP95Ms, 1),
        new("allocated for a frame, bytes", FrameBytes, 0),
    ];

    public void Print(TextWriter writer)
    {
        writer.WriteLine($"voice-to-voice latency   {Figures(VoiceToVoiceMs)}");
        writer.WriteLine($"pipeline overhead        {Figures(OverheadMs)} {Targets[0]}");
        writer.WriteLine($"device and lead-in       {Figures(DeviceMs)}");
        writer.WriteLine($"decision to last sample  {Figures(StopMs)} {Targets[1]}");
        writer.WriteLine($"work on a 10 ms frame    mean {FrameMs:0.000} ms, p95 {FrameP95Ms:0.000} ms {Targets[2]}, {FrameBytes:0.##} bytes allocated {Targets[3]}");
    }

    private static string Figures(IReadOnlyList<double> values) => values.Count == 0
        ? "nothing measured"
        : $"p50 {At(values, 0.5):0.0} ms, p95 {At(values, 0.95):0.0} ms, most {At(values, 1):0.0} ms ({values.Count} turns)";

    private static double? At(IReadOnlyList<double> values, double share) => values.Count == 0 ? null : Percentile.Of([.. values.Order()], share);
}
