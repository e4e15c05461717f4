namespace VoiceConsole.Engine.Echo;

/// <summary>The level of a sound in bands from 150 to 5,000 Hz, evenly spaced to the ear, in dBFS a frame. Allocates nothing after construction.</summary>
internal sealed class BandLevels
{
    public const int Count = 14;

    public const float Silence = -100;

    private const double Lowest = 150, Highest = 5000, Quality = 4;

    // Band-pass filters of second order (Bristow-Johnson's cookbook), each with its two last sums.
    private readonly float[] _gain = new float[Count], _a1 = new float[Count], _a2 = new float[Count], _s1 = new float[Count], _s2 = new float[Count];

    public BandLevels(int sampleRate)
    {
        for (var band = 0; band < Count; band++)
        {
            var hertz = Lowest * Math.Pow(Highest / Lowest, band / (Count - 1.0));
            var angle = 2 * Math.PI * hertz / sampleRate;
            var alpha = Math.Sin(angle) / (2 * Quality);
            _gain[band] = (float)(alpha / (1 + alpha));
            _a1[band] = (float)(-2 * Math.Cos(angle) / (1 + alpha));
            _a2[band] = (float)((1 - alpha) / (1 + alpha));
        }
    }

    /// <summary>Levels of the next frame.</summary>
    /// <param name="samples">It.</param>
    /// <param name="levels">Receives <see cref="Count"/> levels, −100 to 0.</param>
    public void Measure(ReadOnlySpan<float> samples, Span<float> levels)
    {
        for (var band = 0; band < Count; band++)
        {
            var (gain, a1, a2, s1, s2, power) = (_gain[band], _a1[band], _a2[band], _s1[band], _s2[band], 0f);
            foreach (var x in samples)
            {
                // Transposed direct form II with numerator gain·(1, 0, −1).
                var y = gain * x + s1;
                s1 = s2 - a1 * y;
                s2 = -gain * x - a2 * y;
                power += y * y;
            }

            (_s1[band], _s2[band]) = (s1, s2);
            power /= Math.Max(1, samples.Length);
            levels[band] = power > 1e-10f ? Math.Min(0, 10 * MathF.Log10(power)) : Silence;
        }
    }

    /// <summary>Forgets what came before.</summary>
    public void Reset()
    {
        Array.Clear(_s1);
        Array.Clear(_s2);
    }
}
