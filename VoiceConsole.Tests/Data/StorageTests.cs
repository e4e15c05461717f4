using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

public sealed class StorageTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ConsolePaths _paths;
    private readonly Guid _id = Guid.NewGuid();
    private readonly TurnEventBus _bus = new();

    public StorageTests() => _paths = new ConsolePaths(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EventsOfATurn_Written_BecomeRowsWithTextsOutcomeAndLatenciesThatAddUp()
    {
        var database = await Database.OpenAsync(_paths);
        await SampleConversation.StoreAsync(database, _id, DateTimeOffset.UnixEpoch, null, SampleConversation.Turn(1, outcome: "interrupted"));

        var queries = new ConversationQueries(database);
        var conversation = Assert.Single(await queries.RecentAsync(10));
        Assert.Equal((_id, "room", "stopped"), (conversation.Id, conversation.Device, conversation.EndReason));
        var turn = Assert.Single(await queries.TurnsAsync(_id));
        Assert.Equal(("hello", "Good day.", "Good", "interrupted"), (turn.UserText, turn.ReplyText, turn.HeardText, turn.Outcome));
        Assert.Equal(700, turn.VoiceToVoiceMs);
        Assert.Equal([500, 50, 50, 6.25, 43.75, 50], turn.Latencies.Select(l => l.Ms));
        await using var context = database.CreateDbContext();
        Assert.Equal("stop", (await context.Verdicts.SingleAsync()).Verdict);
        Assert.Equal(14, await context.Events.CountAsync());
    }

    [Theory]
    [InlineData("a\0b\u0007<script>alert('x')</script>\u202e'; DROP TABLE Turns; --\r\n😀")]
    public async Task HostileText_Stored_ComesBackTheSame(string text)
    {
        var database = await Database.OpenAsync(_paths);
        await SampleConversation.StoreAsync(database, _id, DateTimeOffset.UnixEpoch, null, SampleConversation.Turn(1, text));

        var turn = Assert.Single(await new ConversationQueries(database).TurnsAsync(_id));
        Assert.Equal(text, turn.UserText);
        await using var context = database.CreateDbContext();
        var stored = await context.Events.SingleAsync(e => e.Type == nameof(TranscriptCompleted));
        Assert.Equal(text, Assert.IsType<TranscriptCompleted>(StoredEvent.FromJson(stored.Json)).Text);
    }

    [Fact]
    public async Task DatabaseLockedByAnother_WriterClosed_NextStartHasEveryEvent()
    {
        var database = await Database.OpenAsync(_paths);
        await using (var other = new SqliteConnection(database.ConnectionString))
        {
            await other.OpenAsync();
            await ExecuteAsync(other, "BEGIN EXCLUSIVE");
            await using (var writer = SampleConversation.Writer(database))
            {
                _ = writer.Attach(_id, null, _bus);
                Publish(DateTimeOffset.UnixEpoch, SampleConversation.Turn(1));
            }
        }

        Assert.Equal(0, (await Recovery.RunAsync(database)).RestoredEvents);
        SampleConversation.EndProcessThatSpilt(_paths);
        var report = await Recovery.RunAsync(database);

        Assert.Equal(14, report.RestoredEvents);
        var turn = Assert.Single(await new ConversationQueries(database).TurnsAsync(_id));
        Assert.Equal(("answered", 700), (turn.Outcome, turn.VoiceToVoiceMs));
        Assert.Equal(0, report.LostTurns);
    }

    [Fact]
    public async Task DatabaseLockedForAWhile_Released_EventsAreStoredAndTheProblemIsGone()
    {
        var database = await Database.OpenAsync(_paths);
        await using var writer = SampleConversation.Writer(database);
        await using var other = new SqliteConnection(database.ConnectionString);
        await other.OpenAsync();
        await ExecuteAsync(other, "BEGIN EXCLUSIVE");
        var stored = writer.Attach(_id, null, _bus);
        Publish(DateTimeOffset.UnixEpoch, SampleConversation.Turn(1));
        Assert.True(SpinWait.SpinUntil(() => writer.Problem is not null, TimeSpan.FromSeconds(30)));
        Assert.Contains("locked", writer.Problem!.What, StringComparison.Ordinal);
        await ExecuteAsync(other, "ROLLBACK");

        await stored;

        Assert.Null(writer.Problem);
        await using var context = database.CreateDbContext();
        Assert.Equal(14, await context.Events.CountAsync());
    }

    [Fact]
    public async Task DataFolderThatIsAFile_Opened_SaysSoWithARemedy()
    {
        await File.WriteAllTextAsync(_paths.Data, "");

        var error = await Assert.ThrowsAsync<StorageException>(() => Database.OpenAsync(_paths));

        Assert.Contains("cannot be written", error.What, StringComparison.Ordinal);
        Assert.Contains("VOICECONSOLE_HOME", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileThatIsNoDatabase_Opened_IsMovedAsideAndAFreshOneMade()
    {
        Directory.CreateDirectory(_paths.Data);
        await File.WriteAllTextAsync(Path.Combine(_paths.Data, Database.FileName), new string('x', 9000));

        var database = await Database.OpenAsync(_paths);

        Assert.Contains("damaged", Assert.Single(database.Notices), StringComparison.Ordinal);
        Assert.Equal(9000, new FileInfo(Directory.GetFiles(_paths.Data, "*.damaged-*").Single()).Length);
        Assert.Empty(await new ConversationQueries(database).RecentAsync(1));
    }

    [Fact]
    public async Task DatabaseOfANewerVersion_Opened_IsRefusedUntouched()
    {
        await ExecuteAsync(await Database.OpenAsync(_paths), "INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_Future', '99.0.0')");

        var error = await Assert.ThrowsAsync<StorageException>(() => Database.OpenAsync(_paths));

        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OlderDatabase_Opened_IsCopiedBeforeItIsMigrated()
    {
        Directory.CreateDirectory(_paths.Data);
        await using (var old = new SqliteConnection($"Data Source={Path.Combine(_paths.Data, Database.FileName)};Pooling=false"))
        {
            await old.OpenAsync();
            await ExecuteAsync(old, "CREATE TABLE Precious (Word TEXT); INSERT INTO Precious VALUES ('kept')");
        }

        var database = await Database.OpenAsync(_paths);

        Assert.Empty(await new ConversationQueries(database).RecentAsync(1));
        var copy = Assert.Single(Directory.GetFiles(Path.Combine(_paths.Data, "backups")));
        await using var connection = new SqliteConnection($"Data Source={copy};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT Word FROM Precious";
        Assert.Equal("kept", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task ProcessGoneInMidTurn_Recovered_MarksTheTurnLostAndKeepsTheOthers()
    {
        var database = await Database.OpenAsync(_paths);
        var recording = Directory.CreateDirectory(Path.Combine(_paths.Data, "recordings", "one")).FullName;
        var track = Path.Combine(recording, "microphone.wav");
        VoiceConsole.Engine.Audio.WavWriter.WriteAll(track, new float[100], 16_000);
        await using (var longer = new FileStream(track, FileMode.Append))
            longer.Write(new byte[51]);
        // What the writer has committed when the process is killed: no end, and an owner that is no more.
        TurnEvent[] events = [SampleConversation.Started(_id, DateTimeOffset.UnixEpoch), .. SampleConversation.Turn(1), .. SampleConversation.Turn(2)[..^2]];
        await EventStore.WriteAsync(
            database, new ConversationSource(_id, "recordings/one", "1@0"), [.. events.Select((e, i) => new StoredEvent(i, e))], CancellationToken.None);

        var report = await Recovery.RunAsync(await Database.OpenAsync(_paths));

        Assert.Equal((1, 1, 1), (report.Conversations, report.LostTurns, report.RepairedFiles));
        Assert.Contains("Turn 2 of the conversation of 1970-01-01 00:00 UTC was cut off", report.Notices[0], StringComparison.Ordinal);
        Assert.Equal(["answered", "lost"], (await new ConversationQueries(database).TurnsAsync(_id)).Select(t => t.Outcome));
        Assert.Equal(Recovery.EndReason, (await new ConversationQueries(database).RecentAsync(1))[0].EndReason);
        Assert.Equal(250, BitConverter.ToInt32(await File.ReadAllBytesAsync(track), 40));
        Assert.Empty((await Recovery.RunAsync(database)).Notices);
    }

    [Fact]
    public async Task OldConversations_RetentionByAge_RemovesThemWithTheirRecordingsOnly()
    {
        var database = await Database.OpenAsync(_paths);
        var now = DateTimeOffset.UtcNow;
        var inside = Recording(Path.Combine(_paths.Data, "recordings", "old"));
        var outside = Recording(_folder / "mine");
        await SampleConversation.StoreAsync(database, Guid.NewGuid(), now.AddDays(-9), inside, SampleConversation.Turn(1));
        await SampleConversation.StoreAsync(database, Guid.NewGuid(), now.AddDays(-8), outside, SampleConversation.Turn(1));
        await SampleConversation.StoreAsync(database, _id, now, null, SampleConversation.Turn(1));

        var report = await new Retention(database, new RetentionOptions(TimeSpan.FromDays(7), null)).RunAsync();

        Assert.Equal(2, report.Conversations);
        Assert.False(Directory.Exists(inside));
        Assert.True(Directory.Exists(outside));
        Assert.Equal(_id, Assert.Single(await new ConversationQueries(database).RecentAsync(9)).Id);
        await using var context = database.CreateDbContext();
        Assert.Equal((14, 1, 6), (await context.Events.CountAsync(), await context.Turns.CountAsync(), await context.Latencies.CountAsync()));
    }

    [Fact]
    public async Task LessToBeKept_SetOnAPage_IsFeltAtOnce()
    {
        await using var console = await StoredConsole.StartAsync();
        var id = await console.StoreAsync(DateTimeOffset.UtcNow.AddDays(-3), SampleConversation.Turn(1));
        var library = console.Services.GetRequiredService<ConversationLibrary>();
        Assert.NotNull(await library.OpenAsync(id));
        console.Services.GetRequiredService<VoiceConsole.Web.Settings.SettingsKeeper>().Change(s => s with { KeepDays = 1 });

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await library.OpenAsync(id) is not null)
            await Task.Delay(20, limit.Token);
    }

    [Fact]
    public async Task TooManyBytes_RetentionBySize_RemovesTheOldestThatHasEnded()
    {
        var database = await Database.OpenAsync(_paths);
        var running = Recording(Path.Combine(_paths.Data, "recordings", "running"));
        var oldest = Recording(Path.Combine(_paths.Data, "recordings", "oldest"));
        var newest = Recording(Path.Combine(_paths.Data, "recordings", "newest"));
        await EventStore.WriteAsync(
            database, new ConversationSource(_id, "recordings/running", ConversationOwner.Current),
            [new StoredEvent(0, SampleConversation.Started(_id, DateTimeOffset.UnixEpoch))], CancellationToken.None);
        await SampleConversation.StoreAsync(database, Guid.NewGuid(), DateTimeOffset.UnixEpoch.AddDays(1), oldest, []);
        await SampleConversation.StoreAsync(database, Guid.NewGuid(), DateTimeOffset.UnixEpoch.AddDays(2), newest, []);

        var report = await new Retention(database, new RetentionOptions(null, 25_000)).RunAsync();

        Assert.Equal(1, report.Conversations);
        Assert.Equal((true, false, true), (Directory.Exists(running), Directory.Exists(oldest), Directory.Exists(newest)));
    }

    private static string Recording(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "microphone.wav"), new byte[10_000]);
        return folder;
    }

    private void Publish(DateTimeOffset at, TurnEvent[] events)
    {
        foreach (var e in (TurnEvent[])[SampleConversation.Started(_id, at), .. events, new ConversationEnded(900_000, "stopped")])
            _bus.Publish(e);
    }

    private static async Task ExecuteAsync(Database database, string sql)
    {
        await using var connection = new SqliteConnection(database.ConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, sql);
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
