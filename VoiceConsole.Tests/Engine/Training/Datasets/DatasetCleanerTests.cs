using System.Text;
using System.Text.Json;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Cleaning;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.Datasets;

public sealed class DatasetCleanerTests : IDisposable
{
    private const string Long = "The echo canceller takes my own voice out of the microphone so that I only hear what you say to me in this room";
    private readonly TempFolder _folder = new();
    private readonly DatasetFolder _set;

    public DatasetCleanerTests()
    {
        _set = DatasetFolder.Of(new ConsolePaths(_folder.Path), "mine");
        Directory.CreateDirectory(Path.GetDirectoryName(_set.Records)!);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hola como estas", "muy bien gracias por preguntar", Removal.Language)]
    [InlineData("quel temps fait il", "je ne sais pas quel temps il fait", Removal.Language)]
    [InlineData("今日はどうですか", "とても元気です", Removal.Language)]
    [InlineData("как дела", "хорошо", Removal.Language)]
    [InlineData("...", "!!!", Removal.Language)]
    [InlineData("write to me", "my address is anna.b@example.org", Removal.Personal)]
    [InlineData("my card is 4111 1111 1111 1111", "I will not keep it.", Removal.Personal)]
    [InlineData("我的身份证是11010519491231002X", "我不会记住它。", Removal.Personal)]
    [InlineData("我的手机是13812345678", "好的。", Removal.Personal)]
    [InlineData("我家在中山路123号", "好的。", Removal.Personal)]
    [InlineData("加我微信：abc_12345", "好的。", Removal.Personal)]
    [InlineData("i live at 221 Baker Street", "That is a nice place.", Removal.Personal)]
    [InlineData("call me on +49 170 1234567", "I cannot call you.", Removal.Personal)]
    [InlineData("call me on (555) 123-4567", "I cannot call you.", Removal.Personal)]
    [InlineData("pay to DE89 3704 0044 0532 0130 00", "I cannot pay.", Removal.Personal)]
    [InlineData("how do i make a bomb", "I cannot help with that.", Removal.Unwanted)]
    [InlineData("hello", "I will kill you and your family", Removal.Unwanted)]
    [InlineData("讲个色情故事", "这个我不谈。", Removal.Unwanted)]
    [InlineData("\u200b", "hello", Removal.Broken)]
    public async Task RecordThatMayNotBeLearnt_IsRemovedWithItsReason(string said, string reply, string reason)
    {
        var report = await CleanAsync(new CleaningOptions(), Json("what is your name", "I am the voice console."), Json(said, reply));
        var removal = Assert.Single(report.Removals);
        Assert.Equal((2L, reason), (removal.Line, removal.Reason));
        Assert.Equal(1, report.RemovedByReason[reason]);
        Assert.Contains(reason, await File.ReadAllTextAsync(_set.ReadableReport), StringComparison.Ordinal);
        Assert.Single(JsonDocument.Parse(await File.ReadAllTextAsync(_set.Report)).RootElement.GetProperty("removals").EnumerateArray());
        Assert.DoesNotContain("example.org", await File.ReadAllTextAsync(_set.ReadableReport), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kill the process please", "The process was killed.")]
    [InlineData("i like black coffee", "Black coffee is good.")]
    [InlineData("what is in version 1.2.3.4", "It was built on 2026-11-25 at 10:30.")]
    [InlineData("how much is 4111 1111 1111 1112", "It is a big number.")]
    [InlineData("圆周率是3.14159265358979", "对，就是这个。")]
    [InlineData("今天是2026年11月25日", "谢谢。")]
    [InlineData("okay", "Certainly!")]
    [InlineData("the voice console runs on my laptop", "好的，我们说中文。")]
    public async Task RecordThatOnlyLooksSuspicious_IsKept(string said, string reply)
    {
        var report = await CleanAsync(new CleaningOptions(), Json("what is your name", "I am the voice console."), Json(said, reply));
        Assert.Empty(report.Removals);
        Assert.Equal(2, report.Train + report.Validation);
    }

    [Fact]
    public async Task RepeatedRecords_Exactly_OrNearly_AreKeptOnce()
    {
        var report = await CleanAsync(
            new CleaningOptions(),
            Json("what does it do", Long),
            Json("What does it do?", Long + "!"),
            Json("what does it do", Long.Replace("only hear", "just hear", StringComparison.Ordinal)),
            Json("what does it do", "It finds speech in the sound of the microphone and says when you begin and end to speak."));
        Assert.Equal([(2L, Removal.Duplicate), (3L, Removal.NearDuplicate)], report.Removals.Select(r => (r.Line, r.Reason)));
        Assert.All(report.Removals, r => Assert.Contains("id1", r.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Messages_AreGivenOneSpelling_Joined_AndCutAfterTheLastReply()
    {
        var line = """{"id":"x","messages":[{"role":"user","content":"cafe\u0301  or"},{"role":"user","content":"tea"},{"role":"assistant","content":" Tea. "},{"role":"user","content":"and"}],"language":"","source":"s","licence":"MIT","provenance":"p","tags":["t"]}""";
        var report = await CleanAsync(new CleaningOptions(), line, Json("what is your name", "I am the voice console."));
        Assert.Equal(1, report.Normalized);
        var kept = await Kept().SingleAsync(r => r.Id == "x");
        Assert.Equal([new("user", "caf\u00e9 or\ntea"), new("assistant", "Tea.")], kept.Messages);
        Assert.Equal(("en", "MIT", "t"), (kept.Language, kept.Licence, Assert.Single(kept.Tags)));
    }

    [Fact]
    public async Task PromptThatIsDeclined_IsKept_WhenOnlyRepliesAreJudged()
    {
        var report = await CleanAsync(new CleaningOptions { RepliesOnly = true }, Json("how do i make a bomb", "I cannot help with that."), Json("hello", "I will kill you"));
        Assert.Equal(2, Assert.Single(report.Removals).Line);
    }

    [Fact]
    public async Task ManyRecords_AreSplitByWhatIsAsked_TheSameWayEachTime()
    {
        var lines = Enumerable.Range(0, 2000).Select(i => Json($"what is number {i}", $"The number {i} is one of many, and {i * 7919 % 1000} is another that I know.")).ToArray();
        var report = await CleanAsync(new CleaningOptions { Lists = Lists("""{"maxCharacters":8000,"maxMessages":64,"nearDuplicate":2,"validation":0.1,"unwanted":{"sexual":1,"hateful":1,"violent":1}}""") }, lines);
        Assert.Empty(report.Removals);
        Assert.InRange(report.Validation, 150, 250);
        var first = await Asked();
        Array.Reverse(lines);
        await CleanAsync(new CleaningOptions { Lists = _folder / "lists" }, lines);
        Assert.Equal(first, await Asked());

        ValueTask<string[]> Asked() => DatasetFile.ReadRecordsAsync(_set.Validation).Select(r => r.Messages[0].Content).Order().ToArrayAsync();
    }

    [Fact]
    public async Task BrokenLines_MixedEncodings_AndAMillionCharacters_AreNamed_AndTheRestIsKept()
    {
        var good = Encoding.UTF8.GetBytes(Json("what is your name", "I am the voice console.") + "\n");
        byte[] file =
        [
            .. good, .. "{oops\n"u8, .. Encoding.Latin1.GetBytes("{\"id\":\"caf\u00e9\"}\n"),
            .. Encoding.UTF8.GetBytes(Json("hello", new string('x', 1_000_000)) + "\n"), .. Encoding.UTF8.GetBytes(Json("hello", new string('x', 9000)) + "\n"),
            .. Encoding.UTF8.GetBytes(Json("你好", "你好！")),
        ];
        await File.WriteAllBytesAsync(_set.Records, file);
        var report = await new DatasetCleaner(new CleaningOptions()).CleanAsync(_set);
        Assert.Equal([(2L, Removal.Broken), (3, Removal.Broken), (4, Removal.Broken), (5, Removal.TooLong)], report.Removals.Select(r => (r.Line, r.Reason)));
        Assert.Contains("is not UTF-8", report.Removals[1].Detail, StringComparison.Ordinal);
        Assert.Contains("is longer than 1,000,000 bytes", report.Removals[2].Detail, StringComparison.Ordinal);
        Assert.Equal(new Dictionary<string, int> { ["en"] = 1, ["zh"] = 1 }, report.KeptByLanguage);
    }

    [Fact]
    public async Task NothingLeft_FailsWithTheReasons_KeepsWhatWasThere_AndWritesTheReport()
    {
        await CleanAsync(new CleaningOptions(), Json("what is your name", "I am the voice console."));
        var before = await File.ReadAllTextAsync(_set.Train);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => CleanAsync(new CleaningOptions(), Json("hola", "muy bien gracias"), "{oops"));
        Assert.Contains("Nothing is left to learn from in 'mine': of 2 records", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 were removed as other language", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_set.Train));
        Assert.Contains("line 2: broken", await File.ReadAllTextAsync(_set.ReadableReport), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(_set.Records)!, "*.part"));
    }

    [Theory]
    [InlineData("{", "cannot be read")]
    [InlineData("""{"maxCharacters":0,"maxMessages":64,"nearDuplicate":0.8,"validation":0.1,"unwanted":{"sexual":1,"hateful":1,"violent":1}}""", "needs maxCharacters")]
    [InlineData("""{"maxCharacters":100,"maxMessages":64,"nearDuplicate":0.8,"validation":0.1,"unwanted":{"sexual":1}}""", "for each of unwanted")]
    public void BrokenThresholds_AreRefused(string thresholds, string problem)
    {
        var error = Assert.Throws<InvalidDataException>(() => new DatasetCleaner(new CleaningOptions { Lists = Lists(thresholds) }));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private string Lists(string thresholds)
    {
        Directory.CreateDirectory(_folder / "lists");
        File.WriteAllText(_folder / "lists/thresholds.json", thresholds);
        return _folder / "lists";
    }

    private async Task<CleaningReport> CleanAsync(CleaningOptions options, params string[] lines)
    {
        await File.WriteAllLinesAsync(_set.Records, lines.Select((l, i) => l.Replace("ID", $"id{i + 1}", StringComparison.Ordinal)));
        return await new DatasetCleaner(options).CleanAsync(_set);
    }

    private IAsyncEnumerable<DatasetRecord> Kept() => DatasetFile.ReadRecordsAsync(_set.Train).Concat(DatasetFile.ReadRecordsAsync(_set.Validation));

    private static string Json(string said, string reply) =>
        JsonSerializer.Serialize(new DatasetRecord("ID", [new("user", said), new("assistant", reply)], "", "s", "CC0-1.0", "p", []), DatasetJson.Line);
}
