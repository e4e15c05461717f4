using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Own;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.Datasets;

public sealed class DatasetCollectorTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ConsolePaths _paths;

    public DatasetCollectorTests() => _paths = new ConsolePaths(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OwnData_Collected_ComesBackTheSame_WithItsCard()
    {
        var folder = DatasetFolder.Of(_paths, "own");
        var records = OwnDataset.Generate(1, 20_000).ToArray();
        var card = await new DatasetCollector(folder).CollectAsync([("own", Lines(records))], add: false);

        Assert.Equal(["own"], DatasetFolder.List(_paths));
        var read = await DatasetFile.ReadRecordsAsync(DatasetFolder.Require(_paths, "own").Records).ToListAsync();
        Assert.Equal(records.Select(r => r.Messages), read.Select(r => r.Messages));
        Assert.Equal(records.Length, read.Select(r => r.Id).Distinct().Count());
        Assert.Equivalent(new DatasetSource("own", "CC0-1.0", records.Length, 0), Assert.Single((await folder.ReadCardAsync()).Sources));
        Assert.Equal(records.Length, card.Records);
        Assert.Contains("你", await File.ReadAllTextAsync(folder.Records), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SameName_IsRefused_OrAddedTo_AndAFailureChangesNothing()
    {
        var folder = DatasetFolder.Of(_paths, "mine");
        DatasetLine good = new(1, Record("hi", "a.txt"), null);
        await new DatasetCollector(folder).CollectAsync([("a.txt", Lines(good))], add: false);
        await Assert.ThrowsAsync<IOException>(() => new DatasetCollector(folder).CollectAsync([("a.txt", Lines(good))], add: false));

        var collector = new DatasetCollector(folder);
        var card = await collector.CollectAsync([("b.txt", Lines(new DatasetLine(1, Record("ho", "b.txt"), null), new DatasetLine(7, null, "is broken.")))], add: true);
        Assert.Equal((2, 2), (card.Records, card.Sources.Count));
        Assert.Equal((1, 1), (card.Sources[1].Records, card.Sources[1].Skipped));
        Assert.Equal("b.txt, line 7 is broken.", Assert.Single(collector.Problems));

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => new DatasetCollector(folder).CollectAsync([("c.txt", Lines(new DatasetLine(3, null, "is broken.")))], add: true));
        Assert.Equal("There is no conversation in c.txt. c.txt, line 3 is broken.", error.Message);
        Assert.Equal(2, await DatasetFile.ReadRecordsAsync(folder.Records).CountAsync());
        Assert.Equal(["dataset.json", "records.jsonl"], Directory.GetFiles(Path.GetDirectoryName(folder.Records)!).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("../out")]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    public void Name_ThatCouldLeadElsewhere_IsRefused(string name) => Assert.Throws<ArgumentException>(() => DatasetFolder.Of(_paths, name));

    [Fact]
    public async Task DataSetThatIsNotThere_NamesThoseThatAre()
    {
        Assert.Contains("train collect", Assert.Throws<FileNotFoundException>(() => DatasetFolder.Require(_paths, "other")).Message, StringComparison.Ordinal);
        await new DatasetCollector(DatasetFolder.Of(_paths, "mine")).CollectAsync([("a", Lines(Record("hi", "a")))], add: false);
        Assert.Contains("There are: mine.", Assert.Throws<FileNotFoundException>(() => DatasetFolder.Require(_paths, "other")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BrokenLineInADataSet_StopsWhoWantsAllRecords_WithItsNumber()
    {
        var file = _folder / "records.jsonl";
        await DatasetFile.WriteAsync(file, new[] { Record("hi", "a") }.ToAsyncEnumerable());
        await File.AppendAllTextAsync(file, "{\"id\":\"x\"}\n");
        var error = await Assert.ThrowsAsync<InvalidDataException>(async () => await DatasetFile.ReadRecordsAsync(file).ToListAsync());
        Assert.StartsWith("records.jsonl, line 2 lacks one of id", error.Message, StringComparison.Ordinal);
    }

    private static DatasetRecord Record(string said, string source) =>
        new("", [new("user", said), new("assistant", "hello")], "en", source, "CC0-1.0", "by hand", []);

    private static IAsyncEnumerable<DatasetLine> Lines(params DatasetRecord[] records) => Lines([.. records.Select((r, i) => new DatasetLine(i + 1, r, null))]);

    private static IAsyncEnumerable<DatasetLine> Lines(params DatasetLine[] lines) => lines.ToAsyncEnumerable();
}
