using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Web.Data;

/// <summary>
/// Storage as whoever holds conversations uses it: the database is opened and put in order once, and tried again while that
/// fails. What fails is told and stops no conversation. Thread-safe.
/// </summary>
internal sealed class ConversationStorage : IAsyncDisposable
{
    private readonly ConsolePaths _paths;
    private readonly TimeProvider _time;
    private readonly TurnWriter _writer;
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private volatile StorageException? _refusal;
    private volatile Database? _database;
    private bool _recovered;

    public ConversationStorage(ConsolePaths paths, TimeProvider? time = null)
    {
        (_paths, _time) = (paths, time ?? TimeProvider.System);
        _writer = new TurnWriter(paths, () => RequireAsync(CancellationToken.None), _time) { OnProblemChanged = () => OnProblemChanged() };
    }

    /// <summary>Called with sentences for people: what was found and done on opening.</summary>
    public Action<IReadOnlyList<string>> OnNotices { get; set; } = _ => { };

    /// <summary>Called, on any thread, when <see cref="Problem"/> may have changed.</summary>
    public Action OnProblemChanged { get; set; } = () => { };

    /// <summary>Null while it could not be opened.</summary>
    public Database? Database => _database;

    /// <summary>Why nothing is stored at the moment, or was not to the end, in sentences for people; null while all is well.</summary>
    public StorageException? Problem
    {
        get
        {
            if ((_writer.Problem ?? _refusal) is not { } problem)
                return null;
            var what = _writer.Unstored > 0 ? $"The last {_writer.Unstored:N0} events could not be stored and are lost." : "Nothing is stored at the moment; what happens is kept until it can be.";
            return new StorageException($"{what} {problem.What}", problem.Remedy, problem);
        }
    }

    /// <summary>Opens the database unless it is open, and puts in order what a killed process has left.</summary>
    /// <returns>Whether it is open; if not, <see cref="Problem"/> says why.</returns>
    public async Task<bool> OpenAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await RequireAsync(cancellationToken);
            return true;
        }
        catch (StorageException)
        {
            return false;
        }
    }

    /// <summary>Stores everything of a conversation; call before it starts.</summary>
    // Its task ends with the conversation's last event: nobody waits for it here.
    public void Attach(IConversation conversation) => _ = _writer.Attach(conversation);

    /// <summary>Writes what waits; after it, <see cref="Problem"/> says whether something was not stored.</summary>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    /// <summary>The database, opened and put in order.</summary>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    public async Task<Database> RequireAsync(CancellationToken cancellationToken = default)
    {
        if (_recovered && _database is { } open)
            return open;
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_database is null)
            {
                _database = await Database.OpenAsync(_paths, _time, cancellationToken);
                OnNotices(_database.Notices);
            }

            if (!_recovered)
            {
                OnNotices((await Recovery.RunAsync(_database, cancellationToken)).Notices);
                _recovered = true;
            }

            SetRefusal(null);
            return _database;
        }
        catch (StorageException error)
        {
            SetRefusal(error);
            throw;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Asks the database something, or changes something in it.</summary>
    /// <exception cref="StorageException">It cannot be opened, or refuses.</exception>
    public async Task<T> RunAsync<T>(Func<ConsoleContext, Task<T>> work, CancellationToken cancellationToken = default)
    {
        var database = await RequireAsync(cancellationToken);
        try
        {
            await using var context = database.CreateDbContext();
            return await work(context);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw StorageFault.Explain(error, database.File);
        }
    }

    private void SetRefusal(StorageException? refusal)
    {
        var changed = _refusal?.Message != refusal?.Message;
        _refusal = refusal;
        if (changed)
            OnProblemChanged();
    }
}
