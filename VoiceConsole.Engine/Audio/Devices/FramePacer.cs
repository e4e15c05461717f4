namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>Says on the system's time when the next frame is due, at most a millisecond or so after it, and never before it.</summary>
/// <remarks>
/// The runtime's own timers go by a clock of 4 ms on Linux: they fire up to that much early, when nothing is due yet, and the
/// frame then waits for the next one, most of 10 ms later. A thread of its own waits by the fine clock.
/// </remarks>
internal sealed class FramePacer : IAsyncDisposable
{
    private readonly ManualResetEvent _stop = new(false);
    private readonly Action _frameDue;
    private readonly long _started;
    private readonly TimeSpan _period;

    private FramePacer(long started, TimeSpan period, Action frameDue)
    {
        (_started, _period, _frameDue) = (started, period, frameDue);
        new Thread(Run) { Name = "frame pacer", IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();
    }

    /// <summary>Begins; the first frame is due a period after <paramref name="started"/>. Another time than the system's has timers of its own, which are exact.</summary>
    /// <param name="started">A time stamp of <paramref name="time"/>.</param>
    public static IAsyncDisposable Start(TimeProvider time, long started, TimeSpan period, Action frameDue) => time == TimeProvider.System
        ? new FramePacer(started, period, frameDue)
        : time.CreateTimer(static state => ((Action)state!)(), frameDue, period, period);

    public ValueTask DisposeAsync()
    {
        try
        {
            _stop.Set();
        }
        catch (ObjectDisposedException)
        {
            // Its thread has ended already.
        }

        return ValueTask.CompletedTask;
    }

    private void Run()
    {
        using var stop = _stop;
        for (var frame = 1L; ;)
        {
            var wait = frame * _period - TimeProvider.System.GetElapsedTime(_started);
            if (wait > TimeSpan.Zero)
            {
                if (stop.WaitOne((int)Math.Ceiling(wait.TotalMilliseconds)))
                    return;
                continue;
            }

            _frameDue();
            // Frames that a sleeping machine has missed are not made up for one by one.
            frame = TimeProvider.System.GetElapsedTime(_started).Ticks / _period.Ticks + 1;
        }
    }
}
