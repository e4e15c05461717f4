using System.Collections.Concurrent;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// The one thread a conversation lives on: frames, decisions and continuations run here in order, so that nothing in the
/// conversation needs a lock. Blocking work of the engines goes to <see cref="Work"/>.
/// </summary>
/// <remarks>
/// On the system's time the loop waits for its next callback and <see cref="Work"/> is the thread pool. On
/// <see cref="VirtualTime"/> the loop runs everything itself, work included, and moves the time to the next timer whenever
/// nothing is left to do at this instant: the same conversation, as fast as the machine allows, the same every time.
/// </remarks>
public sealed class EventLoop : SynchronizationContext, IDisposable
{
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _posted = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly VirtualTime? _virtual;
    private Action? _onWake;
    private int _thread;
    private volatile bool _isRetired;
    private int _draining;

    public EventLoop(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        Time = time;
        _virtual = time as VirtualTime;
        Work = _virtual is null ? TaskScheduler.Default : new LoopWork(this);
    }

    public TimeProvider Time { get; }

    /// <summary>Where engines run blocking work.</summary>
    public TaskScheduler Work { get; }

    /// <summary>Called on the loop after every <see cref="Wake"/>; set once before the loop runs. This is where frames are pumped.</summary>
    public Action? OnWake { get => _onWake; set => _onWake = value; }

    public bool IsCurrent => Environment.CurrentManagedThreadId == _thread;

    /// <summary>Makes the loop call <see cref="OnWake"/> soon. From any thread; allocates nothing.</summary>
    public void Wake()
    {
        try
        {
            _wake.Set();
        }
        catch (ObjectDisposedException)
        {
            // A straggler of a conversation that has ended: nobody is left to wake.
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        _posted.Enqueue((d, state));
        if (_isRetired)
            DrainElsewhere();
        else
            Wake();
    }

    /// <summary>
    /// What is posted from now on runs on the thread pool, still one after the other: an engine that was at work when the conversation
    /// ended comes to its end there, where nobody would run its last lines otherwise and whoever frees it would wait for ever.
    /// </summary>
    public void Retire()
    {
        _isRetired = true;
        DrainElsewhere();
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!IsCurrent)
            throw new NotSupportedException("The conversation's loop is never waited for; post to it.");
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Starts <paramref name="main"/> on this loop and runs on the calling thread until it ends. Throws what it threw.</summary>
    public void Run(Func<Task> main)
    {
        ArgumentNullException.ThrowIfNull(main);
        var outer = Current;
        SetSynchronizationContext(this);
        _thread = Environment.CurrentManagedThreadId;
        try
        {
            var task = main();
            // Whoever completes it on another thread must wake the loop.
            task.GetAwaiter().OnCompleted(Wake);
            while (!task.IsCompleted)
                RunOnce();
            while (_posted.TryDequeue(out var last))
                last.Callback(last.State);
            task.GetAwaiter().GetResult();
        }
        finally
        {
            _thread = 0;
            SetSynchronizationContext(outer);
        }
    }

    /// <summary>Runs <paramref name="main"/> on a thread of the loop's own.</summary>
    public Task RunOnThread(string name, Func<Task> main)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                Run(main);
                done.SetResult();
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        })
        { Name = name, IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();
        return done.Task;
    }

    public void Dispose() => _wake.Dispose();

    private void DrainElsewhere()
    {
        if (!_posted.IsEmpty && Interlocked.Exchange(ref _draining, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static loop => loop.Drain(), this, preferLocal: false);
    }

    private void Drain()
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            while (_posted.TryDequeue(out var next))
                RunLast(next.Callback, next.State);
        }
        finally
        {
            SetSynchronizationContext(outer);
            Volatile.Write(ref _draining, 0);
            // Posted after the last look, by somebody who saw this still going on.
            DrainElsewhere();
        }
    }

    // On the pool an error would end the process. The conversation is over and its outcome told: nothing depends on this any more.
    private static void RunLast(SendOrPostCallback callback, object? state)
    {
        try
        {
            callback(state);
        }
        catch (Exception)
        {
        }
    }

    private void RunOnce()
    {
        if (_posted.TryDequeue(out var next))
        {
            next.Callback(next.State);
            return;
        }

        if (_virtual is null || _virtual.IsHeld)
        {
            _wake.WaitOne();
            _onWake?.Invoke();
            return;
        }

        // Virtual time: a wake by the timer that has just fired is served before the next one fires.
        if (_wake.WaitOne(0))
            _onWake?.Invoke();
        else if (!_virtual.AdvanceToNextTimer())
            throw new InvalidOperationException("The conversation waits for something that no timer and no work will bring.");
    }

    private sealed class LoopWork(EventLoop loop) : TaskScheduler
    {
        protected override void QueueTask(Task task) => loop.Post(_ => TryExecuteTask(task), null);
        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;
        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
