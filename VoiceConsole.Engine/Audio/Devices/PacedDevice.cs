namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// A device without hardware: every 10 ms of its time provider a frame falls due, and what is queued for the loudspeaker by
/// then is what was rendered. The same on the system's time and on virtual time.
/// </summary>
public abstract class PacedDevice : IAudioDevice
{
    private const int MaxBehind = 100;
    private readonly float[] _queue;
    private readonly float[] _captured;
    private readonly float[] _rendered;
    private readonly TimeSpan _period = TimeSpan.FromMilliseconds(10);
    private readonly long _framePeriod;
    private IAsyncDisposable? _pacer;
    private long _started;
    private long _frames;
    private long _renderedTotal;
    private long _underruns;
    private long _overruns;
    private int _queued;
    private bool _more;
    private string? _problem;

    protected PacedDevice(string name, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        Name = name;
        Clock = new SampleClock(time, Format.SampleRate);
        _framePeriod = time.TimestampFrequency / 100;
        // 20 ms beyond the frame in progress.
        _queue = new float[3 * Format.FrameSamples];
        _captured = new float[Format.FrameSamples];
        _rendered = new float[Format.FrameSamples];
    }

    public string Name { get; }

    public AudioFormat Format => AudioFormat.Engine;

    public SampleClock Clock { get; }

    public AudioDeviceStatus Status => new(
        _pacer is null ? AudioDeviceState.Stopped : _problem is not null ? AudioDeviceState.Lost : HasEnded ? AudioDeviceState.Ended : AudioDeviceState.Running,
        _underruns, _overruns, 0, _problem);

    public int WritableSamples => _problem is null && _pacer is not null ? _queue.Length - _queued : 0;

    /// <summary>What there was to capture is over; frames go on with silence.</summary>
    protected abstract bool HasEnded { get; }

    /// <summary>Position after the newest frame.</summary>
    protected long Position => _frames * Format.FrameSamples;

    public virtual void Start(Action frameReady)
    {
        if (_pacer is not null)
            throw new InvalidOperationException($"{Name} was started before.");
        _started = Clock.Time.GetTimestamp();
        Clock.Observe(0, _started);
        _pacer = FramePacer.Start(Clock.Time, _started, _period, frameReady);
    }

    public bool TryRead(out AudioFrame frame)
    {
        frame = default;
        if (_pacer is null || _problem is not null)
            return false;
        var due = (Clock.Time.GetTimestamp() - _started) / _framePeriod;
        if (_frames >= due)
            return false;
        if (due - _frames > MaxBehind)
            Skip(due - MaxBehind);
        Render();
        Capture(_rendered, _captured);
        var position = Position;
        _frames++;
        Clock.Observe(Position, _started + _frames * _framePeriod);
        frame = Heard.IsEmpty
            ? new AudioFrame(_captured, _rendered, position, _renderedTotal)
            : new AudioFrame(_captured, Heard, position, _renderedTotal, _rendered);
        return true;
    }

    public void Write(ReadOnlySpan<float> samples, bool more)
    {
        if (samples.Length > WritableSamples)
            throw new ArgumentException($"{samples.Length} samples do not fit; {WritableSamples} do.", nameof(samples));
        samples.CopyTo(_queue.AsSpan(_queued));
        _queued += samples.Length;
        _more = more;
    }

    public int Discard()
    {
        var dropped = _queued;
        _queued = 0;
        _more = false;
        return dropped;
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _pacer?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    /// <summary>What the room heard from the loudspeaker in the frame that was captured last; empty where it heard what was rendered.</summary>
    protected virtual ReadOnlySpan<float> Heard => default;

    /// <summary>Fills <paramref name="captured"/> with the frame that begins at <see cref="Position"/>, in which <paramref name="rendered"/> was played.</summary>
    protected abstract void Capture(ReadOnlySpan<float> rendered, Span<float> captured);

    /// <summary>The device is gone, or, with null, back. Time goes on meanwhile; what was queued waits, since only the player may drop it.</summary>
    protected void SetProblem(string? problem)
    {
        if (problem is null && _problem is not null && _pacer is not null)
            Skip((Clock.Time.GetTimestamp() - _started) / _framePeriod);
        _problem = problem;
    }

    private void Skip(long to)
    {
        // Frames that passed while the device was away were nobody's fault; those that nobody read in time are overruns.
        if (_problem is null)
            _overruns += to - _frames;
        _frames = to;
    }

    private void Render()
    {
        var count = Math.Min(_queued, _rendered.Length);
        _queue.AsSpan(0, count).CopyTo(_rendered);
        _rendered.AsSpan(count).Clear();
        _queue.AsSpan(count, _queued - count).CopyTo(_queue);
        _queued -= count;
        _renderedTotal += count;
        if (count < _rendered.Length && _more)
        {
            _underruns++;
            // Counted once until there is something to say again.
            _more = false;
        }
    }
}
