using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

/// <summary>What storage does when the disk or another program refuses: it says so, keeps what it can, and goes on when it can.</summary>
public class RefusingDiskTests
{
    private const int EventsOfOneTurn = 14;
    private readonly Guid _id = Guid.NewGuid();
    private readonly TurnEventBus _bus = new();

    [Fact]
    public async Task DiskFull_EventsWait_AndAreStoredWhenThereIsSpaceAgain()
    {
        using var disk = SmallDisk.Require(kilobytes: 1000);
        var database = await Database.OpenAsync(new ConsolePaths(disk.Path));
        await using var writer = SampleConversation.Writer(database);
        disk.Fill();
        var stored = writer.Attach(_id, null, _bus);

        PublishOneTurn();
        Assert.True(SpinWait.SpinUntil(() => writer.Problem is not null, TimeSpan.FromSeconds(30)));
        Assert.Contains("full", writer.Problem!.What, StringComparison.Ordinal);
        Assert.Contains("Free some space", writer.Problem.Remedy, StringComparison.Ordinal);
        disk.Free();
        await stored;

        Assert.Null(writer.Problem);
        Assert.Equal(EventsOfOneTurn, await CountAsync(database));
    }

    [Fact]
    public async Task DiskFullToTheEnd_WriterClosed_SaysHowMuchWasLost()
    {
        using var disk = SmallDisk.Require(kilobytes: 1000);
        var database = await Database.OpenAsync(new ConsolePaths(disk.Path));
        var writer = SampleConversation.Writer(database);
        disk.Fill();
        _ = writer.Attach(_id, null, _bus);
        PublishOneTurn();

        await writer.DisposeAsync();

        Assert.Equal(EventsOfOneTurn, writer.Unstored);
        Assert.Contains("full", writer.Problem!.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiskFullInMidSpill_HalfALineIsCutOff_AndNothingIsLostOrDoubled()
    {
        using var disk = SmallDisk.Require(kilobytes: 1000);
        var paths = new ConsolePaths(disk.Path);
        var database = await Database.OpenAsync(paths);
        await using var other = await LockAsync(database);
        await using var writer = SampleConversation.Writer(database);
        var stored = writer.Attach(_id, null, _bus);
        _bus.Publish(SampleConversation.Started(_id, DateTimeOffset.UnixEpoch));
        _bus.Publish(SampleConversation.Turn(1)[^1]);
        Assert.True(SpinWait.SpinUntil(() => SpiltLines(paths) == 2, TimeSpan.FromSeconds(30)));

        // The file's own page has room for some of these, the disk for the rest has not.
        disk.Fill();
        var events = Enumerable.Range(0, 100).Select(i => new TokenGenerated(new TurnId(2), i, i, "word")).ToArray();
        foreach (var token in events)
            _bus.Publish(token);
        _bus.Publish(new TurnCompleted(new TurnId(2), 100, "answered"));
        Assert.True(SpinWait.SpinUntil(() => writer.Problem?.What.Contains("in memory only: No space left", StringComparison.Ordinal) == true, TimeSpan.FromSeconds(30)));
        Assert.Equal(2, SpiltLines(paths));
        disk.Free();
        await ExecuteAsync(other, "ROLLBACK");
        _bus.Publish(new ConversationEnded(200, "stopped"));
        await stored;

        Assert.Equal(104, await CountAsync(database));
        Assert.Equal(0, SpiltLines(paths));
    }

    [Fact]
    public async Task DatabaseLocked_TurnCompleted_IsOnDiskBeforeTheProcessCouldBeKilled()
    {
        using var folder = new TempFolder();
        var paths = new ConsolePaths(folder.Path);
        var database = await Database.OpenAsync(paths);
        await using var other = await LockAsync(database);
        await using var writer = SampleConversation.Writer(database);
        _ = writer.Attach(_id, null, _bus);

        PublishOneTurn();

        Assert.True(SpinWait.SpinUntil(() => SpiltLines(paths) == EventsOfOneTurn, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task DataFolderThatIsAFile_StorageSaysSo_AndTheConversationIsStoredOnceItIsAway()
    {
        using var folder = new TempFolder();
        var paths = new ConsolePaths(folder.Path);
        await File.WriteAllTextAsync(paths.Data, "");
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ConversationStorage storage = null!;
        await using var owned = storage = new ConversationStorage(paths)
        {
            OnProblemChanged = () =>
            {
                if (storage.Problem is null)
                    stored.TrySetResult();
            },
        };
        await using var conversation = new FakeConversation();
        Assert.False(await storage.OpenAsync());
        Assert.Contains("kept until it can be", storage.Problem!.What, StringComparison.Ordinal);
        Assert.Contains("VOICECONSOLE_HOME", storage.Problem.Remedy, StringComparison.Ordinal);
        storage.Attach(conversation);
        conversation.Start();
        conversation.PlayTwoTurns("what is the time", "Ten o'clock it is now.");
        Assert.True(SpinWait.SpinUntil(() => storage.Problem!.What.Contains("in memory only", StringComparison.Ordinal), TimeSpan.FromSeconds(30)));

        File.Delete(paths.Data);
        await stored.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        conversation.Events.Publish(new ConversationEnded(1, "stopped"));
        await storage.DisposeAsync();

        Assert.Null(storage.Problem);
        Assert.Equal(["interrupted", "answered"], (await new ConversationQueries(storage.Database!).TurnsAsync(conversation.Id)).Select(t => t.Outcome));
    }

    [Fact]
    public async Task DiskReadOnly_Opened_IsRefusedWithARemedy_AndOpensWhenItIsNot()
    {
        using var disk = SmallDisk.Require(kilobytes: 1000);
        var paths = new ConsolePaths(disk.Path);
        await StoreOneTurnAsync(await Database.OpenAsync(paths));
        disk.MakeReadOnly();
        await using var storage = new ConversationStorage(paths);

        Assert.False(await storage.OpenAsync());
        Assert.Contains("cannot be written", storage.Problem!.What, StringComparison.Ordinal);
        Assert.Contains("right to write", storage.Problem.Remedy, StringComparison.Ordinal);
        disk.MakeWritable();

        Assert.True(await storage.OpenAsync());
        Assert.Null(storage.Problem);
        Assert.Equal(EventsOfOneTurn, await CountAsync(storage.Database!));
    }

    [Fact]
    public async Task DatabaseHeldByAnotherProgram_Opened_SaysSo_AndOpensWhenItIsLetGo()
    {
        using var folder = new TempFolder();
        var paths = new ConsolePaths(folder.Path);
        await using var storage = new ConversationStorage(paths);
        await using (await LockAsync(await Database.OpenAsync(paths), "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"))
        {
            Assert.False(await storage.OpenAsync());
            Assert.Contains("locked", storage.Problem!.What, StringComparison.Ordinal);
            Assert.Contains("Close the program", storage.Problem.Remedy, StringComparison.Ordinal);
        }

        Assert.True(await storage.OpenAsync());
        Assert.Null(storage.Problem);
    }

    [Fact]
    public async Task DiskTooFullForTheCopyBeforeAMigration_DatabaseAndOldCopiesAreLeftAlone()
    {
        using var disk = SmallDisk.Require(kilobytes: 1000);
        var paths = new ConsolePaths(disk.Path);
        Directory.CreateDirectory(paths.Data);
        await using (var old = new SqliteConnection($"Data Source={Path.Combine(paths.Data, Database.FileName)};Pooling=false"))
        {
            await old.OpenAsync();
            await ExecuteAsync(old, "PRAGMA journal_mode = WAL; CREATE TABLE Precious (Word BLOB); INSERT INTO Precious VALUES (zeroblob(300000))");
        }

        disk.Fill(except: 100_000);
        var error = await Assert.ThrowsAsync<StorageException>(() => Database.OpenAsync(paths));
        Assert.Contains("full", error.What, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(paths.Data, "backups")));
        disk.Free();

        var database = await Database.OpenAsync(paths);
        Assert.Contains("was copied to", Assert.Single(database.Notices), StringComparison.Ordinal);
    }

    private static int SpiltLines(ConsolePaths paths) =>
        !Directory.Exists(Path.Combine(paths.Data, SpillFile.Folder)) ? 0
            : Directory.GetFiles(Path.Combine(paths.Data, SpillFile.Folder)).Sum(f => File.ReadLines(f).Count());

    private static async Task<SqliteConnection> LockAsync(Database database, string sql = "BEGIN EXCLUSIVE")
    {
        var connection = new SqliteConnection(database.ConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, sql);
        return connection;
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<int> CountAsync(Database database)
    {
        await using var context = database.CreateDbContext();
        return await context.Events.CountAsync();
    }

    private async Task StoreOneTurnAsync(Database database)
    {
        await using var writer = SampleConversation.Writer(database);
        _ = writer.Attach(_id, null, _bus);
        PublishOneTurn();
    }

    private void PublishOneTurn()
    {
        foreach (var e in (TurnEvent[])[SampleConversation.Started(_id, DateTimeOffset.UnixEpoch), .. SampleConversation.Turn(1), new ConversationEnded(900_000, "stopped")])
            _bus.Publish(e);
    }
}
