using System.Collections.Immutable;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Web.Live;

/// <summary>
/// Asks the conversation twice a second about its echo, for as long as somebody looks, and keeps the last minute: one question
/// however many pages are open. Thread-safe.
/// </summary>
internal sealed class EchoMonitor : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Readings that are kept.</summary>
    public const int Most = 120;

    private readonly ConversationHost _host;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private ImmutableList<Action> _watchers = [];
    private ImmutableArray<EchoReading?> _readings = [];
    private int _asking;
    private long _last;

    public EchoMonitor(ConversationHost host, TimeProvider time)
    {
        (_host, _time) = (host, time);
        _timer = time.CreateTimer(_ => _ = AskAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The newest last; null for a moment without a conversation.</summary>
    public ImmutableArray<EchoReading?> Readings
    {
        get
        {
            lock (_lock)
                return _readings;
        }
    }

    /// <summary>Somebody looks.</summary>
    public bool IsAsking
    {
        get
        {
            lock (_lock)
                return !_watchers.IsEmpty;
        }
    }

    /// <summary>Calls back after every reading until the result is disposed of.</summary>
    public IDisposable Watch(Action changed)
    {
        lock (_lock)
        {
            if (_watchers.IsEmpty)
            {
                _timer.Change(TimeSpan.Zero, Interval);
            }

            _watchers = _watchers.Add(changed);
        }

        return new Watcher(this, changed);
    }

    public void Dispose() => _timer.Dispose();

    private async Task AskAsync()
    {
        if (Interlocked.Exchange(ref _asking, 1) == 1)
            return;
        try
        {
            var reading = _host.Current is { } conversation ? await conversation.ReadEchoAsync() : null;
            ImmutableList<Action> watchers;
            lock (_lock)
            {
                // Nobody looked for a while: a gap as long, so that the last minute stays one.
                var missed = _readings.IsEmpty ? 0 : (int)Math.Clamp(_time.GetElapsedTime(_last) / Interval - 1.5, 0, Most);
                _readings = [.. _readings.Concat(Enumerable.Repeat<EchoReading?>(null, missed)).Append(reading).TakeLast(Most)];
                _last = _time.GetTimestamp();
                watchers = _watchers;
            }

            watchers.ForEach(w => w());
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }

    private sealed class Watcher(EchoMonitor monitor, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (monitor._lock)
            {
                monitor._watchers = monitor._watchers.Remove(changed);
                if (monitor._watchers.IsEmpty)
                    monitor._timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
