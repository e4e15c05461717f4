namespace VoiceConsole.Engine.Echo.SelfTest;

/// <summary>What the self-test plays: a sweep, from which the response is read, and then speech, as loud as a reply. 16 kHz.</summary>
internal static class SelfTestSound
{
    /// <summary>Of the sweep.</summary>
    public const double LowestHertz = 100, HighestHertz = 7000;

    public const int SampleRate = 16_000;

    /// <summary>Samples of silence before the sweep, in which the room's own noise is measured.</summary>
    public const int Before = SampleRate;

    /// <summary>Samples of the sweep.</summary>
    public const int Length = 3 * SampleRate / 2;

    /// <summary>Samples after the sweep in which the room may ring out, after the longest delay.</summary>
    public const int Tail = 2 * SampleRate;

    private const float Level = 0.25f;
    private const int Fade = 320;

    /// <summary>An exponential sweep: the same time for each octave, faded in and out.</summary>
    public static float[] Sweep()
    {
        var sweep = new float[Length];
        var rise = Math.Log(HighestHertz / LowestHertz);
        for (var i = 0; i < sweep.Length; i++)
        {
            var phase = 2 * Math.PI * LowestHertz * Length / SampleRate / rise * (Math.Exp(rise * i / Length) - 1);
            var fade = Math.Min(1, Math.Min(i, Length - 1 - i) / (float)Fade);
            sweep[i] = Level * fade * (float)Math.Sin(phase);
        }

        return sweep;
    }
}
