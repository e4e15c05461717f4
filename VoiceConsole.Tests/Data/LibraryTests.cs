using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Time.Testing;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

public sealed class LibraryTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_day = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(s_day.AddDays(9));
    private readonly Guid _weather = Guid.NewGuid(), _chinese = Guid.NewGuid(), _failed = Guid.NewGuid();
    private ConversationStorage _storage = null!;
    private ConversationLibrary _library = null!;

    public async ValueTask InitializeAsync()
    {
        var paths = new ConsolePaths(_folder.Path);
        _storage = new ConversationStorage(paths, _time);
        _library = new ConversationLibrary(_storage, _time);
        var database = await _storage.RequireAsync();
        await SampleConversation.StoreAsync(database, _weather, s_day, null, [.. SampleConversation.Turn(1), .. SampleConversation.Turn(2, "how is the weather in Zürich")]);
        await SampleConversation.StoreAsync(database, _chinese, s_day.AddDays(1), null, SampleConversation.Turn(1, "今天天气怎么样", "interrupted"));
        await SampleConversation.StoreAsync(database, _failed, s_day.AddDays(2), null, SampleConversation.Turn(1, "what's the time", "failed"));
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("weather", 2L)]
    [InlineData("WEATH zurich", 2L)]
    [InlineData("\"the weather\"", 2L)]
    [InlineData("\"weather the\"", null)]
    [InlineData("eather", null)]
    [InlineData("good hello", 1L)]
    public async Task EnglishWords_FindTheTurn(string words, long? turn) =>
        Assert.Equal(turn, (await FindAsync(new LibraryFilter { Text = words })).Where(h => h.Id == _weather).Select(h => h.Turn).SingleOrDefault());

    [Theory]
    [InlineData("天气", true)]
    [InlineData("气", true)]
    [InlineData("今天天气怎么样", true)]
    [InlineData("怎么 今天", true)]
    [InlineData("天今", false)]
    [InlineData("气天", false)]
    public async Task ChineseWords_OfAnyLength_FindTheTurn(string words, bool found) =>
        Assert.Equal(found ? [_chinese] : [], (await FindAsync(new LibraryFilter { Text = words })).Select(h => h.Id));

    [Theory]
    [InlineData("\" OR 1=1 --")]
    [InlineData("NEAR(a b) User:x ^y -z {w}")]
    [InlineData("a\0b")]
    [InlineData("'); DROP TABLE Turns; --")]
    public async Task HostileWords_AreLookedForAndNotObeyed(string words)
    {
        await FindAsync(new LibraryFilter { Text = words });
        Assert.Equal(3, (await FindAsync(new LibraryFilter())).Count);
    }

    [Fact]
    public async Task Filters_ChooseByDateModelOutcomeAndTag_TheNewestFirst()
    {
        await _library.TagAsync(_weather, "  for   the demo ");

        Assert.Equal([_failed, _chinese, _weather], await IdsAsync(new LibraryFilter()));
        Assert.Equal([_chinese], await IdsAsync(new LibraryFilter { From = s_day.AddHours(1), Until = s_day.AddDays(2) }));
        Assert.Equal([_chinese], await IdsAsync(new LibraryFilter { Interrupted = true }));
        Assert.Equal([_failed], await IdsAsync(new LibraryFilter { Failed = true }));
        Assert.Equal([_weather], await IdsAsync(new LibraryFilter { Tag = "for the demo" }));
        Assert.Equal(3, (await IdsAsync(new LibraryFilter { Model = "tiny" })).Count());
        Assert.Empty(await IdsAsync(new LibraryFilter { Model = "other" }));
        var choices = await _library.ChoicesAsync();
        Assert.Equal(["tiny"], choices.Models);
        Assert.Equal(["for the demo"], choices.Tags);
        await _library.DeleteAsync(_weather);
        Assert.Empty((await _library.ChoicesAsync()).Tags);
    }

    [Fact]
    public async Task Model_SwappedInMidConversation_IsFoundAndOffered()
    {
        var id = Guid.NewGuid();
        await SampleConversation.StoreAsync(
            await _storage.RequireAsync(), id, s_day.AddDays(3), null, [.. SampleConversation.Turn(1), .. SampleConversation.Turn(2).Select(e => e is GenerationStarted asked ? asked with { Model = "swapped" } : e)]);

        Assert.Equal([id], await IdsAsync(new LibraryFilter { Model = "swapped" }));
        Assert.Contains(id, await IdsAsync(new LibraryFilter { Model = "tiny" }));
        Assert.Equal(["swapped", "tiny"], (await _library.ChoicesAsync()).Models);
        await _library.DeleteAsync(id);
        Assert.Equal(["tiny"], (await _library.ChoicesAsync()).Models);
    }

    [Fact]
    public async Task ModelsToChooseFrom_AreReadFromAnIndex_AlsoInADatabaseOfTheVersionBefore()
    {
        var database = await _storage.RequireAsync();
        await using var context = database.CreateDbContext();
        await context.GetService<IMigrator>().MigrateAsync("20261125161000_TurnModel");
        await context.Database.MigrateAsync();

        Assert.Equal(["tiny"], (await _library.ChoicesAsync()).Models);
        await context.Database.OpenConnectionAsync();
        await using var plan = context.Database.GetDbConnection().CreateCommand();
        plan.CommandText = "EXPLAIN QUERY PLAN " + context.Turns.Where(t => t.Model != null).Select(t => t.Model).Distinct().ToQueryString();
        await using var step = await plan.ExecuteReaderAsync();
        Assert.True(await step.ReadAsync());
        Assert.Contains("USING COVERING INDEX IX_Turns_Model_ConversationId", step.GetString(3), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Described_HasTitleCountsLatencyRatingTagsAndTheMatch()
    {
        await _library.RateAsync(_weather, 4);
        await _library.TagAsync(_weather, "demo");
        var item = Assert.Single(await _library.DescribeAsync(await FindAsync(new LibraryFilter { Text = "weather" })));

        Assert.Equal(("hello", 2, 0, 0, 700.0), (item.Title, item.Turns, item.Interrupted, item.Failed, item.MeanMs));
        Assert.Equal((4, "demo", "how is the weather in Zürich"), (item.Row.Rating, item.Row.Tags.Single().Tag, item.Match!.UserText));
        Assert.Equal(TimeSpan.FromSeconds(56.25), item.Duration);
        await _library.RateAsync(_weather, null);
        await _library.UntagAsync(_weather, "demo");
        item = Assert.Single(await _library.DescribeAsync([new LibraryHit(_weather, null)]));
        Assert.Equal((null, 0, null), (item.Row.Rating, item.Row.Tags.Count, item.Match));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("12345678901234567890123456789012345678901")]
    public async Task Tag_ThatIsNone_IsRefused(string tag) => await Assert.ThrowsAsync<ArgumentException>(() => _library.TagAsync(_weather, tag));

    [Fact]
    public async Task Deleted_IsHiddenAtOnce_ComesBackWhole_AndIsErasedOnlyAfterTheTimeToUndo()
    {
        var database = await _storage.RequireAsync();
        var recording = Directory.CreateDirectory(Path.Combine(database.Paths.Data, "recordings", "one")).FullName;
        var id = Guid.NewGuid();
        await SampleConversation.StoreAsync(database, id, s_day.AddDays(3), recording, SampleConversation.Turn(1, "delete me"));
        Assert.True(await _library.DeleteAsync(id));

        Assert.DoesNotContain(id, await IdsAsync(new LibraryFilter()));
        Assert.Empty(await IdsAsync(new LibraryFilter { Text = "delete" }));
        Assert.Equal((id, "delete me"), Assert.Single((await _library.DeletedAsync()).Select(d => (d.Id, d.Title))));
        _time.Advance(ConversationLibrary.UndoTime - TimeSpan.FromSeconds(1));
        Assert.Empty(await _library.EraseAsync());
        Assert.True(Directory.Exists(recording));
        Assert.True(await _library.RestoreAsync(id));
        Assert.Equal([id], await IdsAsync(new LibraryFilter { Text = "delete" }));

        await _library.DeleteAsync(id);
        _time.Advance(ConversationLibrary.UndoTime);
        await _library.EraseAsync();

        Assert.False(Directory.Exists(recording));
        Assert.False(await _library.RestoreAsync(id));
        Assert.Empty(await _library.DeletedAsync());
        await using var context = database.CreateDbContext();
        Assert.Equal(4, await context.Database.SqlQuery<int>($"SELECT COUNT(*) AS Value FROM TurnWords").SingleAsync());
        Assert.Equal(4, await context.Turns.CountAsync());
    }

    [Fact]
    public async Task ConversationThatGoesOn_IsNotDeleted()
    {
        var id = Guid.NewGuid();
        await EventStore.WriteAsync(
            await _storage.RequireAsync(), new ConversationSource(id, null, ConversationOwner.Current), [new StoredEvent(0, SampleConversation.Started(id, s_day))], CancellationToken.None);

        Assert.False(await _library.DeleteAsync(id));
        Assert.Contains(id, await IdsAsync(new LibraryFilter()));
    }

    [Fact]
    public async Task DatabaseOfTheFirstVersion_Opened_FindsItsOldTurns()
    {
        using var folder = new TempFolder();
        var paths = new ConsolePaths(folder.Path);
        Directory.CreateDirectory(paths.Data);
        var options = new DbContextOptionsBuilder<ConsoleContext>().UseSqlite($"Data Source={Database.FileOf(paths)};Pooling=false").Options;
        await using (var old = new ConsoleContext(options))
        {
            await old.GetService<IMigrator>().MigrateAsync("20261125070856_Initial");
            await old.Database.ExecuteSqlRawAsync("""
                INSERT INTO Conversations (Id, StartedAt, SampleRate, Device, Recognizer, Model, Voice, Canceller, Owner, EndReason)
                VALUES ('AAAAAAAA-0000-0000-0000-000000000001', 0, 16000, 'd', 'r', 'm', 'v', 'c', '1@0', 'stopped');
                INSERT INTO Turns (ConversationId, Number, StartPosition, Typed, UserText, ReplyText, Outcome)
                VALUES ('AAAAAAAA-0000-0000-0000-000000000001', 1, 0, 0, 'old words 旧词', '', 'answered');
                """);
        }

        await using var storage = new ConversationStorage(paths);
        var library = new ConversationLibrary(storage, TimeProvider.System);

        Assert.Single(await library.FindAsync(new LibraryFilter { Text = "old" }));
        Assert.Single(await library.FindAsync(new LibraryFilter { Text = "旧词" }));
        Assert.Single(Directory.GetFiles(Path.Combine(paths.Data, "backups")));
    }

    private Task<IReadOnlyList<LibraryHit>> FindAsync(LibraryFilter filter) => _library.FindAsync(filter);

    private async Task<IEnumerable<Guid>> IdsAsync(LibraryFilter filter) => (await FindAsync(filter)).Select(h => h.Id);
}
