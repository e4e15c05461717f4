namespace VoiceConsole.Engine.Audio;

/// <summary>Mono 32-bit float sound at a sample rate; full scale is ±1.</summary>
/// <param name="SampleRate">Samples per second, 8,000 to 192,000.</param>
public readonly record struct AudioFormat(int SampleRate)
{
    /// <summary>What every stage of the pipeline works in: 16 kHz mono.</summary>
    public static readonly AudioFormat Engine = new(16_000);

    /// <summary>Samples in one 10 ms frame.</summary>
    public int FrameSamples => SampleRate / 100;

    public double ToMilliseconds(long samples) => samples * 1000.0 / SampleRate;

    public long ToSamples(TimeSpan time) => (long)Math.Round(time.TotalSeconds * SampleRate);

    public TimeSpan ToTime(long samples) => TimeSpan.FromTicks((long)Math.Round(samples * (double)TimeSpan.TicksPerSecond / SampleRate));
}
