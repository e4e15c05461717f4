using System.Diagnostics;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>Runs the engines' own work on the thread pool and adds up how long it took, so that what is left is the console's.</summary>
internal sealed class WorkClock : TaskScheduler
{
    private long _ticks;

    /// <summary>Time spent in the engines' work so far.</summary>
    public TimeSpan Spent => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks));

    protected override void QueueTask(Task task) => ThreadPool.UnsafeQueueUserWorkItem(_ =>
    {
        var started = Stopwatch.GetTimestamp();
        TryExecuteTask(task);
        Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - started);
    }, null);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
