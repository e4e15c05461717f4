using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>
/// Stores conversations while they go on, on tasks of its own. Events are never dropped: while the database cannot take them
/// they wait in data/spill, or in memory where the disk refuses that, too.
/// </summary>
/// <param name="paths">Whose data folder holds what waits.</param>
/// <param name="open">Gives the database, or throws <see cref="StorageException"/> while it cannot be opened; then it is asked again.</param>
/// <param name="time">For waiting.</param>
internal sealed class TurnWriter(ConsolePaths paths, Func<Task<Database>> open, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<ConversationLog> _logs = [];
    private readonly List<Task> _running = [];
    private bool _disposed;
    private StorageException? _lastProblem;

    /// <summary>Why the database takes nothing at the moment, or took not everything to the end, and what to do; null while all is well.</summary>
    public StorageException? Problem
    {
        get
        {
            lock (_lock)
                return _lastProblem ?? _logs.Select(l => l.Problem).FirstOrDefault(p => p is not null);
        }
    }

    /// <summary>Called, on any thread, when <see cref="Problem"/> may have changed.</summary>
    public Action OnProblemChanged { get; init; } = () => { };

    /// <summary>Events that were lost because database and disk refused them to the end; above 0 only after <see cref="DisposeAsync"/>.</summary>
    public int Unstored { get; private set; }

    /// <summary>Stores everything of a conversation; call before it starts. Completes when its last event has been written.</summary>
    /// <exception cref="ObjectDisposedException">The writer has been closed.</exception>
    public Task Attach(IConversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return Attach(conversation.Id, conversation.Recording, conversation.Events);
    }

    internal Task Attach(Guid id, string? recording, TurnEventBus events)
    {
        var source = new ConversationSource(id, RecordingFolder.ToStored(paths, recording), ConversationOwner.Current);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var log = new ConversationLog(paths, open, source, events.SubscribeLossless(), time, OnProblemChanged);
            // Its own task: SQLite's calls block.
            var running = Task.Run(log.RunAsync);
            _logs.Add(log);
            _running.Add(running);
            _ = running.ContinueWith(_ => Forget(log, running), TaskScheduler.Default);
            return running;
        }
    }

    /// <summary>Writes what waits, to the database or, if that still refuses, to data/spill, from where the next start takes it.</summary>
    public async ValueTask DisposeAsync()
    {
        ConversationLog[] logs;
        Task[] running;
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            logs = [.. _logs];
            running = [.. _running];
        }

        foreach (var log in logs)
            log.Complete();
        await Task.WhenAll(running);
        Unstored += logs.Sum(l => l.Unstored);
        lock (_lock)
            _lastProblem ??= logs.Select(l => l.Problem).FirstOrDefault(p => p is not null);
    }

    private void Forget(ConversationLog log, Task running)
    {
        lock (_lock)
        {
            _logs.Remove(log);
            _running.Remove(running);
        }
    }
}
