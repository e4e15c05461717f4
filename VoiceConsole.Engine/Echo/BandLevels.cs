using System.Numerics;

namespace VoiceConsole.Engine.Echo;

/// <summary>The level of a sound in bands from 150 to 5,000 Hz, evenly spaced to the ear, in dBFS a frame. Allocates nothing after construction.</summary>
internal sealed class BandLevels
{
    public const int Count = 14;

    public const float Silence = -100;

    // The bands, filled up to whole vectors of any machine.
    private const int Lanes = 16;

    private const double Lowest = 150, Highest = 5000, Quality = 4;

    // Band-pass filters of second order (Bristow-Johnson's cookbook), each with its two last sums.
    private readonly float[] _gain = new float[Lanes], _a1 = new float[Lanes], _a2 = new float[Lanes], _s1 = new float[Lanes], _s2 = new float[Lanes];

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
        // All bands at once, one in each lane.
        Span<float> powers = stackalloc float[Lanes];
        for (var lane = 0; lane < Lanes; lane += Vector<float>.Count)
        {
            var (gain, a1, a2) = (new Vector<float>(_gain, lane), new Vector<float>(_a1, lane), new Vector<float>(_a2, lane));
            var (s1, s2, power) = (new Vector<float>(_s1, lane), new Vector<float>(_s2, lane), Vector<float>.Zero);
            foreach (var sample in samples)
            {
                // Transposed direct form II with numerator gain·(1, 0, −1).
                var x = gain * sample;
                var y = x + s1;
                s1 = s2 - a1 * y;
                s2 = -x - a2 * y;
                power += y * y;
            }

            s1.CopyTo(_s1, lane);
            s2.CopyTo(_s2, lane);
            power.CopyTo(powers[lane..]);
        }

        for (var band = 0; band < Count; band++)
        {
            var power = powers[band] / Math.Max(1, samples.Length);
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
