using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Web.Data;

/// <summary>
/// Storage as whoever holds conversations uses it: opened and put in order once, and tried again with the next conversation
/// while that fails. What fails is told and stops no conversation. Thread-safe.
/// </summary>
internal sealed class ConversationStorage(ConsolePaths paths, TimeProvider? time = null) : IAsyncDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private StorageException? _refusal;
    private Database? _database;
    private TurnWriter? _writer;

    /// <summary>Called with sentences for people: what was found and done on opening.</summary>
    public Action<IReadOnlyList<string>> OnNotices { get; init; } = _ => { };

    /// <summary>Called, on any thread, when <see cref="Problem"/> may have changed.</summary>
    public Action OnProblemChanged { get; init; } = () => { };

    /// <summary>Null while it could not be opened: then nothing is kept.</summary>
    public Database? Database => Volatile.Read(ref _database);

    /// <summary>Why nothing is stored at the moment, in sentences for people; null while all is well.</summary>
    public StorageException? Problem
    {
        get
        {
            if (Volatile.Read(ref _refusal) is { } refusal)
                return new StorageException($"Conversations are not being stored. {refusal.What}", $"{refusal.Remedy} The next conversation tries again.", refusal);
            if (_writer?.Problem is not { } problem)
                return null;
            var what = _writer.Unstored > 0 ? $"The last {_writer.Unstored:N0} events could not be stored and are lost." : "Nothing can be stored at the moment; it is kept until it can.";
            return new StorageException($"{what} {problem.What}", problem.Remedy, problem);
        }
    }

    /// <summary>Opens the database unless it is open, and puts in order what a killed process has left.</summary>
    /// <returns>Whether it is open; if not, <see cref="Problem"/> says why.</returns>
    public async Task<bool> OpenAsync(CancellationToken cancellationToken = default)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_writer is not null)
                return true;
            var database = await Database.OpenAsync(paths, time, cancellationToken);
            var recovered = await Recovery.RunAsync(database, cancellationToken);
            _writer = new TurnWriter(database, time) { OnProblemChanged = OnProblemChanged };
            Volatile.Write(ref _database, database);
            Volatile.Write(ref _refusal, null);
            OnNotices([.. database.Notices, .. recovered.Notices]);
            return true;
        }
        catch (StorageException error)
        {
            Volatile.Write(ref _refusal, error);
            return false;
        }
        finally
        {
            _oneAtATime.Release();
            OnProblemChanged();
        }
    }

    /// <summary>Stores everything of a conversation; call before it starts.</summary>
    public async Task AttachAsync(IConversation conversation)
    {
        // Its task ends with the conversation's last event: nobody waits for it here.
        if (await OpenAsync())
            _ = _writer!.Attach(conversation);
    }

    /// <summary>Writes what waits; after it, <see cref="Problem"/> says whether something was not stored.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
            await _writer.DisposeAsync();
    }
}
