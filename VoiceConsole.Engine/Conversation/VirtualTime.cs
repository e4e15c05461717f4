namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// Time that stands still until the <see cref="EventLoop"/> moves it to the next timer. Timers due at the same instant fire
/// in the order they were set. Starts at a fixed date, so that runs repeat.
/// </summary>
/// <remarks>Belongs to one loop's thread; only <see cref="Hold"/> may be released elsewhere.</remarks>
public sealed class VirtualTime : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PriorityQueue<VirtualTimer, (long Due, long Order)> _timers = new();
    private readonly Lock _lock = new();
    private long _now;
    private long _order;
    private int _holds;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    internal bool IsHeld => Volatile.Read(ref _holds) > 0;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => s_start.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Keeps the time standing while something outside the loop, such as a server, is being waited for.</summary>
    public IDisposable Hold()
    {
        Interlocked.Increment(ref _holds);
        return new Release(this);
    }

    internal bool AdvanceToNextTimer()
    {
        while (true)
        {
            VirtualTimer? timer;
            lock (_lock)
            {
                if (!_timers.TryDequeue(out timer, out var key))
                    return false;
                if (timer.Due != key.Due || timer.Order != key.Order)
                    continue;
                _now = Math.Max(_now, key.Due);
                timer.Order = -1;
                if (timer.Period > 0)
                    Enqueue(timer, key.Due + timer.Period);
            }

            timer.Fire();
            return true;
        }
    }

    private void Enqueue(VirtualTimer timer, long due)
    {
        timer.Due = due;
        timer.Order = ++_order;
        _timers.Enqueue(timer, (timer.Due, timer.Order));
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        public long Due;
        public long Order = -1;
        public long Period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                Order = -1;
                Period = period > TimeSpan.Zero ? period.Ticks : 0;
                if (dueTime >= TimeSpan.Zero)
                    time.Enqueue(this, time._now + dueTime.Ticks);
            }

            return true;
        }

        public void Fire() => callback(state);

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Release(VirtualTime time) : IDisposable
    {
        private int _done;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _done, 1) == 0)
                Interlocked.Decrement(ref time._holds);
        }
    }
}
