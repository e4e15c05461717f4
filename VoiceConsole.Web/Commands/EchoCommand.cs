using System.CommandLine;
using System.Numerics.Tensors;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands;

/// <summary><c>echo cancel</c>: one recording through one canceller.</summary>
internal static class EchoCommand
{
    private const int Frame = 160;

    public static Command Build() => new("echo", "Works on the echo of a loudspeaker in a microphone.\n\nExample:\n  echo selftest") { BuildCancel(), SelfTestCommand.Build() };

    private static Command BuildCancel()
    {
        var microphone = new Option<string>("--mic") { Description = "WAV recording of the microphone.", Required = true };
        var reference = new Option<string>("--reference") { Description = "WAV recording of what the loudspeaker was sent in the same time.", Required = true };
        var output = new Option<string>("--out") { Description = "Where the cleaned recording goes, WAV, 16 kHz.", Required = true };
        var engine = new Option<string>("--engine") { Description = $"{string.Join(", ", EngineLoader.Cancellers)}.", DefaultValueFactory = _ => EngineLoader.DefaultCanceller };
        var json = CommandRun.JsonOption();
        var command = new Command("cancel", """
            Cancels the echo in a recording and says, second by second, how much of the microphone's energy went while the
            loudspeaker was audible. Where a user speaks too, that is no measure of quality.

            Example:
              echo cancel --mic mic.wav --reference loopback.wav --out cleaned.wav --engine webrtc
            """) { microphone, reference, output, engine, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var loader = new EngineLoader(new ModelStore(ConsolePaths.Find()), TaskScheduler.Default, new ConsoleProgress());
            using var canceller = await loader.CancellerAsync(parsed.GetValue(engine), cancellationToken);
            var result = Cancel(canceller, Read(parsed.GetValue(microphone)!), Read(parsed.GetValue(reference)!), out var cleaned);
            WavWriter.WriteAll(parsed.GetValue(output)!, cleaned, AudioFormat.Engine.SampleRate);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                Print(result);
            return ExitCode.Ok;
        });
        return command;
    }

    private static float[] Read(string file)
    {
        var samples = WavReader.ReadAll(file, AudioFormat.Engine.SampleRate);
        return samples.Length >= Frame ? samples : throw new InvalidDataException($"{file} has no sound in it: it is shorter than 10 ms.");
    }

    private static CancelResult Cancel(IEchoCanceller canceller, float[] microphone, float[] reference, out float[] cleaned)
    {
        // A reference that ends early was silent from then on; a last part of a frame is cut.
        var length = microphone.Length / Frame * Frame;
        Array.Resize(ref reference, length);
        cleaned = new float[length];
        for (var at = 0; at < length; at += Frame)
            canceller.Process(microphone.AsSpan(at, Frame), reference.AsSpan(at, Frame), cleaned.AsSpan(at, Frame));
        var seconds = new List<CancelSecond>();
        var rate = AudioFormat.Engine.SampleRate;
        for (var at = 0; at < length; at += rate)
        {
            var count = Math.Min(rate, length - at);
            var audible = Listener.Level(reference.AsSpan(at, count)) > -60;
            seconds.Add(new CancelSecond(at / rate, audible ? Removed(microphone, cleaned, at, count) : null));
        }

        return new CancelResult(canceller.Id, Math.Round(length / (double)rate, 3), canceller.DelaySamples, Removed(microphone, cleaned, 0, length), Removed(microphone, cleaned, length / 2, length - length / 2), seconds);
    }

    private static double Removed(float[] before, float[] after, int from, int count)
    {
        var (was, left) = (TensorPrimitives.SumOfSquares<float>(before.AsSpan(from, count)), TensorPrimitives.SumOfSquares<float>(after.AsSpan(from, count)));
        return Math.Round(10 * Math.Log10((was + 1e-9) / (left + 1e-9)), 1);
    }

    private static void Print(CancelResult result)
    {
        Console.Out.WriteLine($"{result.Engine}: {result.RemovedDb:0.0} dB less energy, {result.SecondHalfDb:0.0} dB in the second half; {result.Seconds} s");
        foreach (var second in result.Erle)
            Console.Out.WriteLine($"  {second.Second,4} s  {(second.Db is { } db ? $"{db,5:0.0} dB {new string('#', (int)Math.Clamp(db, 0, 60))}" : "    - (the loudspeaker was silent)")}");
    }
}

/// <summary>What a canceller made of a recording.</summary>
/// <param name="Engine">Its id.</param>
/// <param name="Seconds">Length.</param>
/// <param name="DelaySamples">By which the cleaned recording is late.</param>
/// <param name="RemovedDb">Energy that went, all in all.</param>
/// <param name="SecondHalfDb">In the second half, when the echo path is known.</param>
/// <param name="Erle">Second by second.</param>
internal sealed record CancelResult(string Engine, double Seconds, int DelaySamples, double RemovedDb, double SecondHalfDb, IReadOnlyList<CancelSecond> Erle);

/// <summary>Energy that went in a second, dB; null while the loudspeaker was silent.</summary>
internal sealed record CancelSecond(int Second, double? Db);
