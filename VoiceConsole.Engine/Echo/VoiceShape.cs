using System.Numerics.Tensors;

namespace VoiceConsole.Engine.Echo;

/// <summary>Whether a sound has the pitch of a voice, and more to it than a hum. Per-frame work on 10 ms frames: no allocation.</summary>
internal sealed class VoiceShape
{
    // What a hum has above 1 kHz is this far below its whole, in dB.
    private const float HumSlope = -24;
    private const double Corner = 1000;

    // The bands of which one must be the room's for its tones to count.
    private const int HighBands = 8;

    private const float Periodic = 0.5f, Emphasis = 0.8f;
    private const int Lowest = 70, Highest = 350;

    private readonly float[] _recent;
    private readonly int _shortest, _longest;
    private readonly float _b, _a1, _a2;
    private (float S1, float S2) _first, _second;
    private float _last;

    public VoiceShape(int sampleRate)
    {
        // Half the rate is enough for a pitch.
        (_shortest, _longest) = (sampleRate / 2 / Highest, sampleRate / 2 / Lowest);
        _recent = new float[3 * _longest];
        var angle = 2 * Math.PI * Corner / sampleRate;
        var alpha = Math.Sin(angle) / Math.Sqrt(2);
        (_b, _a1, _a2) = ((float)((1 + Math.Cos(angle)) / 2 / (1 + alpha)), (float)(-2 * Math.Cos(angle) / (1 + alpha)), (float)((1 - alpha) / (1 + alpha)));
    }

    /// <summary>The last frame has a pitch between 70 and 350 Hz.</summary>
    public bool IsVoiced => Periodicity > Periodic;

    /// <summary>How alike the last periods are, 0 to 1.</summary>
    public float Periodicity { get; private set; }

    /// <summary>What is above 1 kHz in the last frame, over the whole, dB.</summary>
    public float Slope { get; private set; }

    /// <summary>The last frame has tones that no hum has.</summary>
    public bool IsBright { get; private set; }

    /// <param name="samples">The frame.</param>
    /// <param name="clear">The <see cref="BandLevels"/> that are the room's, one bit each; what the echo left in the others tells nothing.</param>
    public void Measure(ReadOnlySpan<float> samples, int clear)
    {
        // Two high-passes in a row: the bands' own skirts are too wide for this.
        float whole = 1e-12f, high = 0;
        foreach (var sample in samples)
        {
            var once = HighPass(sample, ref _first);
            var twice = HighPass(once, ref _second);
            whole += sample * sample;
            high += twice * twice;
        }

        Slope = 10 * MathF.Log10(high / whole + 1e-9f);
        IsBright = clear >> HighBands != 0 && Slope > HumSlope;
        var half = samples.Length / 2;
        _recent.AsSpan(half).CopyTo(_recent);
        for (var i = 0; i < half; i++)
        {
            // A thump has a pitch, too, but nothing above it: its fundamental is taken down.
            var sample = samples[2 * i] + samples[2 * i + 1];
            _recent[_recent.Length - half + i] = sample - Emphasis * _last;
            _last = sample;
        }

        var window = _recent.Length - _longest;
        ReadOnlySpan<float> now = _recent.AsSpan(_longest);
        var power = TensorPrimitives.SumOfSquares(now);
        var best = 0f;
        for (var lag = _shortest; lag <= _longest; lag++)
        {
            ReadOnlySpan<float> before = _recent.AsSpan(_longest - lag, window);
            var likeness = TensorPrimitives.Dot(now, before) / (0.5f * (power + TensorPrimitives.SumOfSquares(before)) + 1e-9f);
            best = Math.Max(best, likeness);
        }

        Periodicity = best;
    }

    public void Reset()
    {
        Array.Clear(_recent);
        (_first, _second, _last) = (default, default, 0);
    }

    // Butterworth's second order in transposed direct form II.
    private float HighPass(float x, ref (float S1, float S2) state)
    {
        var y = _b * x + state.S1;
        state = (-2 * _b * x - _a1 * y + state.S2, _b * x - _a2 * y);
        return y;
    }
}
