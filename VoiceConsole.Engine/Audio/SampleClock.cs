namespace VoiceConsole.Engine.Audio;

/// <summary>
/// Maps moments of one monotonic <see cref="TimeProvider"/> to positions on a device's sample clock and back, so that a
/// token that arrives between two frames gets a sample position too.
/// </summary>
/// <remarks>
/// The device reports each frame's end as it arrives. Frames arrive late, never early, so the line through the earliest
/// arrivals is the true clock: the anchor follows early arrivals at once and late ones slowly (which also follows drift).
/// Safe for one writer and many readers.
/// </remarks>
public sealed class SampleClock
{
    private const double LateFollow = 0.005;
    private readonly double _samplesPerTick;
    // The time stamp at which position 0 was, in ticks of the time provider; one word, so that it is read whole.
    private double _origin = double.NaN;

    public SampleClock(TimeProvider time, int sampleRate)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        Time = time;
        SampleRate = sampleRate;
        _samplesPerTick = (double)sampleRate / time.TimestampFrequency;
    }

    public TimeProvider Time { get; }

    public int SampleRate { get; }

    /// <summary>The position of this moment; 0 before the first observation.</summary>
    public long Now => PositionAt(Time.GetTimestamp());

    /// <summary>Tells the clock that the sample at <paramref name="position"/> passed at <paramref name="timestamp"/>, or a little before.</summary>
    public void Observe(long position, long timestamp)
    {
        var origin = timestamp - position / _samplesPerTick;
        var known = Volatile.Read(ref _origin);
        Volatile.Write(ref _origin, double.IsNaN(known) || origin <= known ? origin : known + (origin - known) * LateFollow);
    }

    /// <summary>Observes at this moment.</summary>
    public void Observe(long position) => Observe(position, Time.GetTimestamp());

    /// <summary>The sample position at a time stamp of <see cref="Time"/>.</summary>
    public long PositionAt(long timestamp)
    {
        var origin = Volatile.Read(ref _origin);
        return double.IsNaN(origin) ? 0 : (long)Math.Round((timestamp - origin) * _samplesPerTick);
    }

    /// <summary>The time stamp of <see cref="Time"/> at a sample position.</summary>
    public long TimestampAt(long position)
    {
        var origin = Volatile.Read(ref _origin);
        return double.IsNaN(origin) ? Time.GetTimestamp() : (long)Math.Round(origin + position / _samplesPerTick);
    }
}
