using System.Numerics.Tensors;

namespace VoiceConsole.Engine.Audio;

/// <summary>The value of a sound between two of its samples, band-limited (Hann-windowed sinc). Allocates nothing.</summary>
internal static class FractionalSample
{
    /// <summary>Samples that are needed, of which <see cref="Before"/> lie at the place or before it.</summary>
    public const int Taps = 16;

    public const int Before = Taps / 2;

    private const int Phases = 128;
    private static readonly float[] s_phases = Calculate();

    /// <param name="around"><see cref="Taps"/> samples.</param>
    /// <param name="fraction">0 (the sample at <see cref="Before"/> − 1) up to 1 (the next).</param>
    public static float At(ReadOnlySpan<float> around, float fraction)
    {
        var place = fraction * Phases;
        var phase = Math.Min((int)place, Phases - 1);
        var near = TensorPrimitives.Dot(around[..Taps], s_phases.AsSpan(phase * Taps, Taps));
        var next = TensorPrimitives.Dot(around[..Taps], s_phases.AsSpan((phase + 1) * Taps, Taps));
        return near + (place - phase) * (next - near);
    }

    private static float[] Calculate()
    {
        var phases = new float[(Phases + 1) * Taps];
        for (var phase = 0; phase <= Phases; phase++)
        {
            for (var tap = 0; tap < Taps; tap++)
            {
                var x = tap - (Before - 1) - phase / (double)Phases;
                var window = 0.5 + 0.5 * Math.Cos(Math.PI * x / Before);
                phases[phase * Taps + tap] = (float)((x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x)) * window);
            }
        }

        return phases;
    }
}
