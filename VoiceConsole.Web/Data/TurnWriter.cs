using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>
/// Stores conversations while they go on, on tasks of its own. Events are never dropped: while the database cannot take them
/// they wait in memory, and beyond a bound in data/spill.
/// </summary>
internal sealed class TurnWriter(Database database, TimeProvider? time = null) : IAsyncDisposable
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly List<ConversationLog> _logs = [];
    private readonly List<Task> _running = [];

    /// <summary>Events that may wait in memory for each conversation before they are spilt.</summary>
    public int MaxWaiting { get; init; } = 100_000;

    /// <summary>Why nothing can be stored at the moment, and what to do; null while all is well.</summary>
    public string? Problem
    {
        get
        {
            lock (_lock)
                return _logs.Select(l => l.Problem).FirstOrDefault(p => p is not null);
        }
    }

    /// <summary>Stores everything of a conversation; call before it starts. Completes when its last event has been written.</summary>
    public Task Attach(IConversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return Attach(conversation.Id, conversation.Recording, conversation.Events);
    }

    internal Task Attach(Guid id, string? recording, TurnEventBus events)
    {
        var source = new ConversationSource(id, RecordingFolder.ToStored(database.Paths, recording), ConversationOwner.Current);
        var log = new ConversationLog(database, source, events.SubscribeLossless(), _time, MaxWaiting);
        // Its own task: SQLite's calls block.
        var running = Task.Run(log.RunAsync);
        lock (_lock)
        {
            _logs.Add(log);
            _running.Add(running);
        }

        _ = running.ContinueWith(_ => Forget(log, running), TaskScheduler.Default);
        return running;
    }

    /// <summary>Writes what waits, to the database or, if that still refuses, to data/spill, from where the next start takes it.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_lock)
        {
            foreach (var log in _logs)
                log.Complete();
            running = [.. _running];
        }

        await Task.WhenAll(running);
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
