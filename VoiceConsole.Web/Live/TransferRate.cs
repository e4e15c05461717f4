namespace VoiceConsole.Web.Live;

/// <summary>How fast bytes come, over the last seconds. Thread-safe.</summary>
internal sealed class TransferRate(TimeProvider time)
{
    /// <summary>Looks back so far.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Less than this says nothing.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_spacing = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Queue<(long Time, long Bytes)> _notes = new();
    private (long Time, long Bytes) _kept;
    private long _bytes;

    /// <param name="bytes">In all so far.</param>
    public void Note(long bytes)
    {
        lock (_lock)
        {
            _bytes = bytes;
            if (_notes.Count > 0 && time.GetElapsedTime(_kept.Time) < s_spacing)
                return;
            _notes.Enqueue(_kept = (time.GetTimestamp(), bytes));
            while (time.GetElapsedTime(_notes.Peek().Time) > Window)
                _notes.Dequeue();
        }
    }

    /// <summary>Time for so many bytes more; null where nothing can be said.</summary>
    public TimeSpan? Left(long bytes)
    {
        lock (_lock)
        {
            if (!_notes.TryPeek(out var first))
                return null;
            var elapsed = time.GetElapsedTime(first.Time);
            var came = _bytes - first.Bytes;
            return elapsed >= Least && came > 0 ? elapsed * ((double)bytes / came) : null;
        }
    }
}
