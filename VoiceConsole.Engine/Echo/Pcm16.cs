namespace VoiceConsole.Engine.Echo;

/// <summary>Sound as the native cancellers want it: 16-bit integers. Nothing is allocated.</summary>
internal static class Pcm16
{
    public static void FromFloat(ReadOnlySpan<float> samples, Span<short> integers)
    {
        for (var i = 0; i < samples.Length; i++)
            integers[i] = (short)Math.Clamp(MathF.Round(samples[i] * 32768f), short.MinValue, short.MaxValue);
    }

    public static void ToFloat(ReadOnlySpan<short> integers, Span<float> samples)
    {
        for (var i = 0; i < integers.Length; i++)
            samples[i] = integers[i] * (1f / 32768f);
    }
}
