using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

/// <summary>What others have left in the data folder: links, files of other processes, files that cannot be changed.</summary>
public sealed class DataFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TempFolder _outside = new();
    private readonly ConsolePaths _paths;
    private readonly Guid _id = Guid.NewGuid();

    public DataFolderTests()
    {
        _paths = new ConsolePaths(_folder.Path);
        Directory.CreateDirectory(_paths.Data);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _outside.Dispose();
    }

    [Theory]
    [InlineData("spill")]
    [InlineData("backups")]
    [InlineData(Database.FileName)]
    public async Task LinkThatLeadsOutOfTheDataFolder_IsRefusedWithARemedy_AndNothingIsWrittenThere(string name)
    {
        var target = _outside / name;
        if (name == Database.FileName)
            await File.WriteAllTextAsync(target, "");
        else
            Directory.CreateDirectory(target);
        File.CreateSymbolicLink(Path.Combine(_paths.Data, name), target);

        var error = await Assert.ThrowsAsync<StorageException>(() => Database.OpenAsync(_paths));

        Assert.Contains("lies outside", error.What, StringComparison.Ordinal);
        Assert.Contains($"Remove the link {name}", error.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(_outside.Path, "*", SearchOption.AllDirectories), f => new FileInfo(f).Length > 0);
    }

    [Fact]
    public async Task DataFolderThatIsItselfALink_IsUsed()
    {
        Directory.Delete(_paths.Data);
        Directory.CreateSymbolicLink(_paths.Data, _outside.Path);

        _ = await Database.OpenAsync(_paths);

        Assert.True(File.Exists(_outside / Database.FileName));
    }

    [Fact]
    public async Task FilesOfAProcessThatStillRuns_AreLeftToIt()
    {
        using var other = Process.Start("sleep", "60");
        try
        {
            var database = await Database.OpenAsync(_paths);
            var owner = ConversationOwner.Describe(other);
            new SpillFile(_paths, _id, owner).Append(null, [new StoredEvent(1, SampleConversation.Turn(1)[0])]);
            await EventStore.WriteAsync(
                database, new ConversationSource(_id, null, owner), [new StoredEvent(0, SampleConversation.Started(_id, DateTimeOffset.UnixEpoch))], CancellationToken.None);

            var during = await Recovery.RunAsync(database);
            Assert.Equal((0, 0), (during.Conversations, during.RestoredEvents));
            Assert.True(new SpillFile(_paths, _id, owner).Exists);

            other.Kill();
            await other.WaitForExitAsync(TestContext.Current.CancellationToken);
            var after = await Recovery.RunAsync(database);
            Assert.Equal((1, 1, 1), (after.Conversations, after.RestoredEvents, after.LostTurns));
            Assert.False(new SpillFile(_paths, _id, owner).Exists);
        }
        finally
        {
            other.Kill();
        }
    }

    [Fact]
    public async Task SpillFileCutOffInALine_WhatCameBeforeIsStored_AndTheFileIsKeptAndNamed()
    {
        var database = await Database.OpenAsync(_paths);
        TurnEvent[] events = [SampleConversation.Started(_id, DateTimeOffset.UnixEpoch), .. SampleConversation.Turn(1)];
        new SpillFile(_paths, _id, "1@0").Append(null, [.. events.Select((e, i) => new StoredEvent(i, e))]);
        var file = Directory.GetFiles(Path.Combine(_paths.Data, SpillFile.Folder)).Single();
        await using (var stream = new FileStream(file, FileMode.Open))
            stream.SetLength(stream.Length - 10);

        var report = await Recovery.RunAsync(database);

        Assert.Equal((12, 1), (report.RestoredEvents, report.LostTurns));
        Assert.Contains(report.Notices, n => n.EndsWith($"kept as {file}.damaged.", StringComparison.Ordinal));
        Assert.Equal("Good", Assert.Single(await new ConversationQueries(database).TurnsAsync(_id)).HeardText);
        Assert.Equal([file + ".damaged"], Directory.GetFiles(Path.Combine(_paths.Data, SpillFile.Folder)));
    }

    [Fact]
    public async Task EventsWrittenTwice_OnceBySpillFileAndOnceDirectly_AreThereOnce()
    {
        var database = await Database.OpenAsync(_paths);
        TurnEvent[] events = [SampleConversation.Started(_id, DateTimeOffset.UnixEpoch), .. SampleConversation.Turn(1)];
        StoredEvent[] numbered = [.. events.Select((e, i) => new StoredEvent(i, e))];
        new SpillFile(_paths, _id, "1@0").Append(null, numbered);
        await EventStore.WriteAsync(database, new ConversationSource(_id, null, "1@0"), numbered[..7], CancellationToken.None);

        await Recovery.RunAsync(database);

        await using var context = database.CreateDbContext();
        Assert.Equal((13, 6), (await context.Events.CountAsync(), await context.Latencies.CountAsync()));
        Assert.Equal("Good day.", (await context.Turns.SingleAsync()).ReplyText.Trim());
    }

    [Fact]
    public async Task RecordingThatCannotBeRepaired_IsNamed_AndTheConsoleStoresAllTheSame()
    {
        var recording = Directory.CreateDirectory(Path.Combine(_paths.Data, "recordings", "one")).FullName;
        foreach (var name in (string[])["a.wav", "b.wav"])
        {
            WavWriter.WriteAll(Path.Combine(recording, name), new float[100], 16_000);
            await File.AppendAllTextAsync(Path.Combine(recording, name), "more");
        }

        var database = await Database.OpenAsync(_paths);
        await EventStore.WriteAsync(
            database, new ConversationSource(_id, "recordings/one", "1@0"), [new StoredEvent(0, SampleConversation.Started(_id, DateTimeOffset.UnixEpoch))], CancellationToken.None);
        RecoveryReport report;
        await using (new FileStream(Path.Combine(recording, "a.wav"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            report = await Recovery.RunAsync(database);

        Assert.Equal((1, 1), (report.Conversations, report.RepairedFiles));
        Assert.Contains(report.Notices, n => n.Contains("a.wav could not be repaired", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LinksInARecording_RetentionByAge_RemovesThemButNotWhatTheyLeadTo()
    {
        var recording = Directory.CreateDirectory(Path.Combine(_paths.Data, "recordings", "one")).FullName;
        await File.WriteAllBytesAsync(_outside / "precious", new byte[1000]);
        File.CreateSymbolicLink(Path.Combine(recording, "folder"), _outside.Path);
        File.CreateSymbolicLink(Path.Combine(recording, "circle"), recording);
        File.CreateSymbolicLink(Path.Combine(recording, "nowhere"), _outside / "nothing");
        // A recording that is itself a link out is not ours at all.
        Directory.CreateSymbolicLink(Path.Combine(_paths.Data, "recordings", "two"), _outside.Path);
        var database = await Database.OpenAsync(_paths);
        await StoreEndedAsync(database, Guid.NewGuid(), "recordings/one");
        await StoreEndedAsync(database, Guid.NewGuid(), "recordings/two");

        var report = await new Retention(database, new RetentionOptions(TimeSpan.FromDays(7), null)).RunAsync();

        Assert.Equal(2, report.Conversations);
        Assert.InRange(report.Bytes, 1, 999);
        Assert.False(Directory.Exists(recording));
        Assert.True(File.Exists(_outside / "precious"));
    }

    [Fact]
    public async Task ManyConversations_RetentionByAge_GivesTheSpaceBack()
    {
        var database = await Database.OpenAsync(_paths);
        await using (var writer = SampleConversation.Writer(database))
        {
            var bus = new TurnEventBus();
            _ = writer.Attach(_id, null, bus);
            bus.Publish(SampleConversation.Started(_id, DateTimeOffset.UnixEpoch));
            for (var i = 0; i < 2000; i++)
                bus.Publish(new TextTyped(new TurnId(1), i, new string('x', 1000)));
            bus.Publish(new ConversationEnded(2000, "stopped"));
        }

        var before = new FileInfo(database.File).Length;
        await new Retention(database, new RetentionOptions(TimeSpan.FromDays(7), null)).RunAsync();

        Assert.True(before > 2_000_000, $"{before} bytes");
        Assert.True(new FileInfo(database.File).Length < before / 4, $"{new FileInfo(database.File).Length} of {before} bytes are left");
    }

    [Fact]
    public async Task FiguresThatAreNoNumbers_AreStoredAndComeBack()
    {
        var database = await Database.OpenAsync(_paths);
        var verdict = new VerdictReached(TurnId.None, 1, "echo", "It is silent.", new Dictionary<string, double> { ["db"] = double.NegativeInfinity, ["ratio"] = double.NaN });
        await EventStore.WriteAsync(database, new ConversationSource(_id, null, "1@0"), [new StoredEvent(0, verdict)], CancellationToken.None);

        await using var context = database.CreateDbContext();
        var back = Assert.IsType<VerdictReached>(StoredEvent.FromJson((await context.Events.SingleAsync()).Json));
        Assert.Equal(verdict.Evidence, back.Evidence);
    }

    [Fact]
    public async Task WriterThatIsClosed_TakesNoMoreConversations()
    {
        var writer = SampleConversation.Writer(await Database.OpenAsync(_paths));
        await writer.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => writer.Attach(_id, null, new TurnEventBus()));
    }

    private static Task StoreEndedAsync(Database database, Guid id, string recording) => EventStore.WriteAsync(
        database, new ConversationSource(id, recording, "1@0"),
        [new StoredEvent(0, SampleConversation.Started(id, DateTimeOffset.UnixEpoch)), new StoredEvent(1, new ConversationEnded(1, "stopped"))], CancellationToken.None);
}
