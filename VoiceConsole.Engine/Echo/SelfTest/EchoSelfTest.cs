using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo.Adaptive;

namespace VoiceConsole.Engine.Echo.SelfTest;

/// <summary>
/// Plays a sweep and speech through a device and measures what the microphone hears of it: delay, level, reverberation,
/// distortion, the clocks, and what filter and canceller take away.
/// </summary>
internal sealed class EchoSelfTest(IAudioDevice device, IEchoCanceller canceller)
{
    // What the canceller has learnt by then is what it can do.
    private const int Judged = 2 * SelfTestSound.SampleRate;

    private readonly float[] _sweep = SelfTestSound.Sweep();

    /// <summary>Runs the test, which takes as long as it sounds, about 6 s and the speech.</summary>
    /// <param name="speech">16 kHz, at least 4 s.</param>
    /// <param name="progress">Receives 0 to 1.</param>
    /// <param name="cancellationToken">Stops the sound, too.</param>
    /// <exception cref="AudioDeviceException">The device cannot be opened, or was lost on the way.</exception>
    /// <exception cref="ArgumentException">There is too little speech.</exception>
    public async Task<SelfTestResult> RunAsync(ReadOnlyMemory<float> speech, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (speech.Length < 2 * Judged)
            throw new ArgumentException($"The speech has {speech.Length / SelfTestSound.SampleRate} s; 4 s and more are needed.", nameof(speech));
        float[] sound = [.. new float[SelfTestSound.Before], .. _sweep, .. new float[SelfTestSound.Tail], .. speech.Span, .. new float[SelfTestSound.SampleRate]];
        var (captured, rendered) = await DeviceSound.PlayAsync(device, sound, progress, cancellationToken);
        return Judge(captured, rendered);
    }

    private SelfTestResult Judge(float[] captured, float[] rendered)
    {
        // What was rendered tells where the sweep really began.
        var begin = Math.Max(0, rendered.AsSpan().IndexOfAnyExceptInRange(-1e-4f, 1e-4f));
        var noise = begin > 0 ? TensorPrimitives.SumOfSquares<float>(captured.AsSpan(0, begin)) / (double)begin : 0;
        var length = Math.Min(SelfTestSound.Length + SelfTestSound.Tail, rendered.Length - begin);
        var measured = ResponseMeasurement.Of(rendered.AsSpan(begin, Math.Min(SelfTestSound.Length, length)), captured.AsSpan(begin, length), noise);
        var noiseDb = Round(10 * Math.Log10(noise + 1e-10));
        if (measured.Onset < 0)
        {
            return new SelfTestResult(
                device.Name, noiseDb, false, 0, 0, 0, 0, 0, 0, 0, [], SelfTestAdvice.For(false, noiseDb, 0, 0, 0, 0, 0, 0));
        }

        var (filterDb, cancellerDb, drift) = Cancel(captured, rendered, noise);
        var decay = measured.Decay();
        var (delay, loss, tail) = (Round(measured.Onset * 1000.0 / SelfTestSound.SampleRate), Round(-measured.LevelDb), Math.Round(ResponseMeasurement.TailMs(decay)));
        return new SelfTestResult(
            device.Name, noiseDb, true, delay, loss, tail, measured.DistortionDb, Math.Round(drift), filterDb, cancellerDb, decay,
            SelfTestAdvice.For(true, noiseDb, delay, loss, tail, measured.DistortionDb, drift, cancellerDb));
    }

    private (double FilterDb, double CancellerDb, double DriftPpm) Cancel(float[] captured, float[] rendered, double noise)
    {
        var filter = new FollowingFilter(followsClock: true);
        var cleaned = new float[EchoFilter.Frame];
        double heard = 1e-9, left = 1e-9, after = 1e-9;
        var last = rendered.AsSpan().LastIndexOfAnyExceptInRange(-1e-3f, 1e-3f);
        for (var at = 0; at + EchoFilter.Frame <= captured.Length; at += EchoFilter.Frame)
        {
            var frame = captured.AsSpan(at, EchoFilter.Frame);
            filter.Process(frame, rendered.AsSpan(at, EchoFilter.Frame));
            canceller.Process(filter.Captured, filter.Reference, cleaned);
            if (at < last - Judged || at >= last)
                continue;
            heard += TensorPrimitives.SumOfSquares<float>(frame);
            left += TensorPrimitives.SumOfSquares(filter.Left);
            after += TensorPrimitives.SumOfSquares<float>(cleaned);
        }

        // The room's noise is none of the echo.
        var quiet = noise * Judged;
        return (Erle(left), Erle(after), filter.DriftPpm);

        double Erle(double of) => Round(Math.Min(60, 10 * Math.Log10(Math.Max(1e-9, heard - quiet) / Math.Max(1e-9 + heard * 1e-6, of - quiet))));
    }

    private static double Round(double value) => Math.Round(value, 1);
}
