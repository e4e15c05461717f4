using VoiceConsole.Engine;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

public sealed class StoredDialoguesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StoredConversations_Collected_HoldOnlyWhatWasHeard_OfTheDaysAskedFor()
    {
        var paths = new ConsolePaths(_folder.Path);
        var database = await Database.OpenAsync(paths);
        var (old, recent, silent) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await StoreAsync(paths, database, old, DateTimeOffset.UnixEpoch, SampleConversation.Turn(1, "good morning"));
        await StoreAsync(paths, database, recent, DateTimeOffset.UnixEpoch.AddDays(2), [.. SampleConversation.Turn(1, "first", "interrupted"), .. SampleConversation.Turn(2, "second")]);
        await StoreAsync(paths, database, silent, DateTimeOffset.UnixEpoch.AddDays(2), [.. SampleConversation.Turn(1).Where(e => e is not PlaybackFinished)]);

        var dialogues = new StoredDialogues(database);
        Assert.Equal(2, await dialogues.ReadAsync(null, null).CountAsync());
        Assert.Equal("good morning", Assert.Single(await dialogues.ReadAsync(null, DateTimeOffset.UnixEpoch.AddDays(1)).ToListAsync()).Record!.Messages[0].Content);
        var record = Assert.Single(await dialogues.ReadAsync(DateTimeOffset.UnixEpoch.AddDays(1), null).ToListAsync()).Record!;
        Assert.Equal(["first", "Good", "second", "Good"], record.Messages.Select(m => m.Content));
        Assert.Equal("private", record.Licence);
        Assert.Equal(["interrupted"], record.Tags);
        Assert.Contains(recent.ToString(), record.Provenance, StringComparison.Ordinal);
    }

    private static async Task StoreAsync(ConsolePaths paths, Database database, Guid id, DateTimeOffset at, TurnEvent[] events)
    {
        var bus = new TurnEventBus();
        await using var writer = new TurnWriter(paths, () => Task.FromResult(database), TimeProvider.System);
        var stored = writer.Attach(id, null, bus);
        foreach (var e in (TurnEvent[])[SampleConversation.Started(id, at), .. events, new ConversationEnded(900_000, "stopped")])
            bus.Publish(e);
        await stored;
    }
}
