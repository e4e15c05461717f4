using System.Numerics.Tensors;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>The room's sounds that no synthesiser of speech makes, calculated: 16 kHz, the same for the same seed.</summary>
internal static class Sounds
{
    private const int Rate = 16_000;

    /// <summary>One or two bursts of rough noise through a throat.</summary>
    public static float[] Cough(int seed)
    {
        var random = new Random(seed);
        var sound = new float[(int)(Rate * (0.35 + 0.3 * random.NextDouble()))];
        var second = random.Next(2) == 0 ? int.MaxValue : Rate / 4;
        for (var i = 0; i < sound.Length; i++)
        {
            var age = (i >= second ? i - second : i) / (double)Rate;
            sound[i] = (float)((random.NextDouble() * 2 - 1) * Math.Min(1, age * 200) * Math.Exp(-age * 14));
        }

        Resonate(sound, 650 + random.Next(300), 4);
        return sound;
    }

    /// <summary>A low thump with a rattle.</summary>
    public static float[] Door(int seed)
    {
        var random = new Random(seed);
        var sound = new float[Rate / 2];
        for (var i = 0; i < sound.Length; i++)
        {
            var t = i / (double)Rate;
            sound[i] = (float)(Math.Sin(2 * Math.PI * (70 + random.Next(3)) * t) * Math.Exp(-t * 12) + 0.4 * (random.NextDouble() * 2 - 1) * Math.Exp(-t * 40));
        }

        return sound;
    }

    /// <summary>A second and a half of typing.</summary>
    public static float[] Keys(int seed)
    {
        var random = new Random(seed);
        var sound = new float[Rate * 3 / 2];
        for (var at = 0; at < sound.Length - 800; at += Rate / 12 + random.Next(Rate / 8))
        {
            for (var i = 0; i < 480; i++)
                sound[at + i] += (float)((random.NextDouble() * 2 - 1) * Math.Exp(-i / 60.0));
        }

        return sound;
    }

    /// <summary>A knock, a beep, a hiss or a siren, of any pitch and length.</summary>
    public static float[] Other(int seed)
    {
        var random = new Random(seed);
        var (kind, hertz, bend, decay) = (random.Next(4), 40 * Math.Pow(60, random.NextDouble()), random.NextDouble() - 0.5, 4 + 40 * random.NextDouble());
        var sound = new float[(int)(Rate * (0.1 + 0.8 * random.NextDouble()))];
        var overtones = random.Next(1, 5);
        var phase = 0.0;
        for (var i = 0; i < sound.Length; i++)
        {
            var age = i / (double)Rate;
            phase += 2 * Math.PI * hertz * (kind == 3 ? 1 + bend * age : 1) / Rate;
            var tone = 0.0;
            for (var overtone = 1; overtone <= overtones; overtone++)
                tone += Math.Sin(overtone * phase) / overtone;
            sound[i] = (float)(kind switch
            {
                0 => tone * Math.Exp(-age * decay),
                2 => random.NextDouble() * 2 - 1,
                _ => tone,
            });
        }

        if (kind == 2)
            Resonate(sound, Math.Clamp(hertz * 2, 150, 5000), 1 + 4 * random.NextDouble());
        return sound;
    }

    /// <summary>"Mm-hm": two hums through the nose with a breath between them, the second higher.</summary>
    public static float[] MmHm(int seed, double pitch) =>
        [.. Hum(0.16, pitch, pitch * 0.97, seed), .. Breath(0.06, seed), .. Hum(0.22, pitch * 1.15, pitch * 1.25, seed)];

    /// <summary>嗯: one hum that falls.</summary>
    public static float[] En(int seed, double pitch) => Hum(0.34, pitch * 1.15, pitch * 0.9, seed);

    /// <summary>Ten seconds of a fan: noise that falls by 6 dB an octave.</summary>
    public static float[] Fan(int seed)
    {
        var random = new Random(seed);
        var sound = new float[Rate * 10];
        var low = 0f;
        for (var i = 0; i < sound.Length; i++)
            sound[i] = low += 0.06f * ((float)(random.NextDouble() * 2 - 1) - low);
        return sound;
    }

    /// <summary>Scaled so that its loud parts, the frames within 20 dB of the loudest, have this level.</summary>
    /// <param name="sound">Any sound but silence.</param>
    /// <param name="decibels">dBFS.</param>
    public static float[] AtLevel(ReadOnlySpan<float> sound, double decibels)
    {
        var scaled = new float[sound.Length];
        TensorPrimitives.Multiply(sound, (float)Math.Pow(10, (decibels - ActiveLevel(sound)) / 20), scaled);
        return scaled;
    }

    /// <summary>Level of the frames within 20 dB of the loudest, dBFS.</summary>
    public static double ActiveLevel(ReadOnlySpan<float> sound)
    {
        var powers = new List<double>();
        for (var at = 0; at + 160 <= sound.Length; at += 160)
            powers.Add(TensorPrimitives.SumOfSquares(sound.Slice(at, 160)) / 160.0);
        var loudest = powers.Count > 0 ? powers.Max() : 0;
        return 10 * Math.Log10(Math.Max(1e-10, powers.Where(p => p >= loudest / 100).DefaultIfEmpty(0).Average()));
    }

    /// <summary>Without the silence at either end, so that the first sample is the acoustic onset.</summary>
    /// <param name="sound">Speech.</param>
    /// <param name="silence">What is this far below its level is silence, dB.</param>
    public static float[] Trimmed(ReadOnlySpan<float> sound, float silence = 30)
    {
        var threshold = MathF.Pow(10, ((float)ActiveLevel(sound) - silence) / 20);
        int first = -1, last = 0;
        for (var at = 0; at + 80 <= sound.Length; at += 80)
        {
            if (MathF.Sqrt(TensorPrimitives.SumOfSquares(sound.Slice(at, 80)) / 80) < threshold)
                continue;
            first = first < 0 ? at : first;
            last = at + 80;
        }

        return first < 0 ? [] : sound[first..last].ToArray();
    }

    private static float[] Breath(double seconds, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)(seconds * Rate)).Select(_ => 0.02f * (float)(random.NextDouble() * 2 - 1))];
    }

    // A buzzing source through the nose: one strong low resonance, little above 1 kHz.
    private static float[] Hum(double seconds, double from, double to, int seed)
    {
        var random = new Random(seed);
        var sound = new float[(int)(seconds * Rate)];
        double phase = 0;
        for (var i = 0; i < sound.Length; i++)
        {
            var place = i / (double)sound.Length;
            phase += (from + (to - from) * place) * (1 + 0.01 * (random.NextDouble() - 0.5)) / Rate;
            var fade = Math.Min(1, Math.Min(place, 1 - place) * 8);
            sound[i] = (float)(fade * (2 * (phase - Math.Floor(phase)) - 1));
        }

        Resonate(sound, 250, 3);
        Resonate(sound, 300, 2);
        return sound;
    }

    private static void Resonate(Span<float> sound, double hertz, double quality)
    {
        var angle = 2 * Math.PI * hertz / Rate;
        var alpha = Math.Sin(angle) / (2 * quality);
        var (gain, a1, a2) = (alpha / (1 + alpha), -2 * Math.Cos(angle) / (1 + alpha), (1 - alpha) / (1 + alpha));
        double s1 = 0, s2 = 0;
        foreach (ref var x in sound)
        {
            var y = gain * x + s1;
            s1 = s2 - a1 * y;
            s2 = -gain * x - a2 * y;
            // A little of the dry sound stays: no throat is a perfect filter.
            x = (float)(y + 0.03 * x);
        }
    }
}
