using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>One conversation's way into the database: batches, patience while it refuses, the spill file when that lasts.</summary>
internal sealed class ConversationLog(
    Database database, ConversationSource source, EventSubscription subscription, TimeProvider time, int maxWaiting)
{
    private const int BatchSize = 5000;
    private static readonly TimeSpan s_maxAge = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_maxBackoff = TimeSpan.FromSeconds(5);

    private readonly SpillFile _spill = new(database, source.Id);
    private readonly List<StoredEvent> _waiting = [];
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _backoff = s_maxAge;
    private long _next;
    private bool _urgent;

    private volatile string? _problem;

    public string? Problem => _problem;

    /// <summary>Ends it after what is queued; it no longer waits for a database that refuses.</summary>
    public void Complete()
    {
        subscription.Dispose();
        _closing.TrySetResult();
    }

    public async Task RunAsync()
    {
        Task? due = null;
        Task<bool>? more = null;
        var ended = false;
        while (true)
        {
            Take();
            if (_waiting.Count == 0 && _problem is null)
            {
                if (ended)
                    break;
                due = null;
            }
            else if ((_urgent && _problem is null) || due is { IsCompleted: true } || _closing.Task.IsCompleted)
            {
                due = await WriteAsync() ? null : Task.Delay(_backoff, time);
                if (_problem is not null && _closing.Task.IsCompleted)
                {
                    // The process is about to end: what is in memory would be lost.
                    if (!ended && await (more ?? subscription.Reader.WaitToReadAsync().AsTask()))
                    {
                        more = null;
                        continue;
                    }

                    Spill();
                    break;
                }

                continue;
            }
            else
            {
                due ??= Task.Delay(s_maxAge, time);
            }

            if (!ended)
                more ??= subscription.Reader.WaitToReadAsync().AsTask();
            await Task.WhenAny([.. new[] { due, ended ? null : more, due is null ? null : ClosingUnlessClosed() }.OfType<Task>()]);
            if (more is { IsCompleted: true })
            {
                ended = !await more;
                _urgent |= ended;
                more = null;
            }
        }
    }

    private Task? ClosingUnlessClosed() => _closing.Task.IsCompleted ? null : _closing.Task;

    private void Take()
    {
        while (subscription.Reader.TryRead(out var turnEvent))
        {
            _waiting.Add(new StoredEvent(_next++, turnEvent));
            _urgent |= turnEvent is TurnCompleted or ConversationEnded;
            if (turnEvent is ConversationEnded)
                subscription.Dispose();
        }

        if (_waiting.Count > maxWaiting && _problem is not null)
            Spill();
    }

    private async Task<bool> WriteAsync()
    {
        try
        {
            // What was spilt is older than what waits.
            if (_spill.Exists)
                await _spill.MoveToDatabaseAsync(CancellationToken.None);
            while (_waiting.Count > 0)
            {
                var batch = _waiting.GetRange(0, Math.Min(BatchSize, _waiting.Count));
                await EventStore.WriteAsync(database, source, batch, CancellationToken.None);
                _waiting.RemoveRange(0, batch.Count);
            }

            _problem = null;
            _urgent = false;
            _backoff = s_maxAge;
            return true;
        }
        catch (Exception error)
        {
            _problem = StorageFault.Explain(error, database.File).Message;
            _backoff = _backoff * 2 < s_maxBackoff ? _backoff * 2 : s_maxBackoff;
            return false;
        }
    }

    private void Spill()
    {
        try
        {
            _spill.Append(source, _waiting);
            _waiting.Clear();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _problem = StorageFault.Explain(error, database.File).Message;
        }
    }
}
