namespace VoiceConsole.Web.Live;

/// <summary>Tells pages that something changed, at most once per interval however often it is told. Thread-safe.</summary>
internal sealed class LiveSignal : IDisposable
{
    /// <summary>Between two updates: an event that has to wait for it is still on the page within a tenth of a second.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(60);

    /// <summary>Between two readings of what changes all the time, such as levels: ten times a second.</summary>
    public static readonly TimeSpan Reading = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private long _last;
    private bool _fired;
    private bool _pending;

    public LiveSignal(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Raised on a thread of the pool; a handler must be quick and must not throw.</summary>
    public event Action? Changed;

    public void Notify()
    {
        lock (_lock)
        {
            if (_pending)
                return;
            _pending = true;
            var wait = _fired ? Interval - _time.GetElapsedTime(_last) : TimeSpan.Zero;
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Fire()
    {
        lock (_lock)
        {
            if (!_pending)
                return;
            _pending = false;
            _fired = true;
            _last = _time.GetTimestamp();
        }

        Changed?.Invoke();
    }
}
