using VoiceConsole.Engine;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>
/// One conversation's way into the database, in batches. What the database refuses goes to the spill file at once, so that a
/// process that is killed loses no more than it would otherwise; what the disk refuses, too, waits in memory.
/// </summary>
/// <param name="paths">Where the spill file goes.</param>
/// <param name="open">Gives the database, or throws <see cref="StorageException"/> while it cannot be opened.</param>
/// <param name="source">The conversation.</param>
/// <param name="subscription">Its events, from the first; disposed of at their end.</param>
/// <param name="time">For waiting.</param>
/// <param name="onProblemChanged">Called on the log's task.</param>
internal sealed class ConversationLog(
    ConsolePaths paths, Func<Task<Database>> open, ConversationSource source, EventSubscription subscription, TimeProvider time, Action onProblemChanged)
{
    private const int BatchSize = 5000;
    private static readonly TimeSpan s_maxAge = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_maxBackoff = TimeSpan.FromSeconds(5);
    private static readonly Task s_never = new TaskCompletionSource().Task;

    private readonly SpillFile _spill = new(paths, source.Id, source.Owner);
    private readonly List<StoredEvent> _waiting = [];
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _backoff = s_maxAge;
    private long _next;
    private bool _urgent;
    private StorageException? _refusal;
    private volatile StorageException? _problem;

    /// <summary>Why the database takes nothing at the moment; null while all is well.</summary>
    public StorageException? Problem => _problem;

    /// <summary>Events that neither the database nor the disk took before the end.</summary>
    public int Unstored { get; private set; }

    /// <summary>Ends it after what is queued; it no longer waits for a database that refuses.</summary>
    public void Complete()
    {
        subscription.Dispose();
        _closing.TrySetResult();
    }

    public async Task RunAsync()
    {
        var more = subscription.Reader.WaitToReadAsync().AsTask();
        var due = s_never;
        var ended = false;
        while (true)
        {
            await (ended ? Task.WhenAny(due, _closing.Task) : Task.WhenAny(more, due));
            if (!ended && more.IsCompleted)
            {
                Take();
                ended = !await more;
                if (!ended)
                    more = subscription.Reader.WaitToReadAsync().AsTask();
            }

            var last = ended && _closing.Task.IsCompleted;
            // The process may not live as long as the database lets it wait.
            if (last && _refusal is not null)
                Spill(_refusal);
            if (due.IsCompleted || last || (_problem is null && (_urgent || ended)))
                due = await WriteAsync() ? s_never : Task.Delay(_backoff, time);
            else if (_refusal is not null && _urgent)
                Spill(_refusal);
            else if (_waiting.Count > 0 && due == s_never)
                due = Task.Delay(s_maxAge, time);
            if (ended && (_problem is null || last))
                break;
        }

        Unstored = _waiting.Count;
    }

    private void Take()
    {
        while (subscription.Reader.TryRead(out var turnEvent))
        {
            _waiting.Add(new StoredEvent(_next++, turnEvent));
            _urgent |= turnEvent is TurnCompleted or ConversationEnded;
            if (turnEvent is ConversationEnded)
                subscription.Dispose();
        }
    }

    private async Task<bool> WriteAsync()
    {
        try
        {
            var database = await open();
            // What was spilt is older than what waits.
            if (_spill.Exists)
                await _spill.MoveToDatabaseAsync(database, CancellationToken.None);
            while (_waiting.Count > 0)
            {
                var batch = _waiting.GetRange(0, Math.Min(BatchSize, _waiting.Count));
                await EventStore.WriteAsync(database, source, batch, CancellationToken.None);
                _waiting.RemoveRange(0, batch.Count);
            }

            _urgent = false;
            _backoff = s_maxAge;
            _refusal = null;
            Report(null);
            return true;
        }
        catch (Exception error)
        {
            _backoff = _backoff * 2 < s_maxBackoff ? _backoff * 2 : s_maxBackoff;
            Spill(StorageFault.Explain(error, Database.FileOf(paths)));
            return false;
        }
    }

    private void Spill(StorageException refusal)
    {
        // Asked for again by the next turn's end or the next attempt, not by each event.
        _urgent = false;
        _refusal = refusal;
        try
        {
            if (_waiting.Count > 0)
                _spill.Append(source.Recording, _waiting);
            _waiting.Clear();
            Report(refusal);
        }
        catch (Exception error)
        {
            Report(new StorageException($"{refusal.What} What waits is in memory only: {error.Message}.", refusal.Remedy, error));
        }
    }

    private void Report(StorageException? problem)
    {
        var changed = _problem?.Message != problem?.Message;
        _problem = problem;
        if (changed)
            onProblemChanged();
    }
}
