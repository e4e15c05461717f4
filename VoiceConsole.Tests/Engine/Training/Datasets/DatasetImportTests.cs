using System.Text;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Import;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.Datasets;

public sealed class DatasetImportTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("chat.jsonl", """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}""", "system:Be brief.|user:hi|assistant:hello")]
    [InlineData("share.json", """[{"id":"x","conversations":[{"from":"human","value":"hi"},{"from":"gpt","value":"hello"}]}]""", "user:hi|assistant:hello")]
    [InlineData("share.jsonl", """{"system":"Be brief.","conversations":[{"from":"user","value":"你好"},{"from":"assistant","value":"你好！"}]}""", "system:Be brief.|user:你好|assistant:你好！")]
    [InlineData("alpaca.json", """[{"instruction":"Add.","input":"1 2","output":"3"}]""", "user:Add.\n1 2|assistant:3")]
    [InlineData("alpaca.jsonl", """{"instruction":"Say hi.","input":"","output":"hi"}""", "user:Say hi.|assistant:hi")]
    [InlineData("table.csv", "id,Question,Answer\n1,\"hi, \"\"you\"\"\nthere\",hello\n", "user:hi, \"you\"\nthere|assistant:hello")]
    [InlineData("talk.txt", "User: hi\nthere\nAssistant: hello\n\n\n", "user:hi\nthere|assistant:hello")]
    [InlineData("talk2.txt", "用户：你好\n助手：你好！\n用户: 再见\n助手: 再见。", "user:你好|assistant:你好！|user:再见|assistant:再见。")]
    public async Task FileOfAKnownKind_Imported_GivesItsMessagesWithProvenance(string name, string content, string expected)
    {
        var line = Assert.Single(await ImportAsync(name, Encoding.UTF8.GetBytes(content)));
        Assert.Null(line.Problem);
        Assert.Equal(expected, string.Join("|", line.Record!.Messages.Select(m => $"{m.Role}:{m.Content}")));
        Assert.Equal((name, "CC-BY-4.0"), (line.Record.Source, line.Record.Licence));
        Assert.StartsWith("line ", line.Record.Provenance, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat.jsonl", "{\"messages\":[}", "is not JSON")]
    [InlineData("chat.jsonl", "[1]", "is not a JSON object")]
    [InlineData("chat.jsonl", "{\"messages\":[]}", "has no messages")]
    [InlineData("chat.jsonl", "{\"messages\":[{\"role\":\"robot\",\"content\":\"hi\"}]}", "neither system, user nor assistant")]
    [InlineData("chat.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":null}]}", "without 'role' or 'content'")]
    [InlineData("chat.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}", "has no reply")]
    [InlineData("table.csv", "hi,hello,too,many", "has 4 columns")]
    [InlineData("table.csv", "\"hi\" x,hello", "quotation mark")]
    [InlineData("talk.txt", "nobody speaks", "begins with no speaker")]
    [InlineData("talk.txt", "User: hi", "has no reply")]
    public async Task BrokenLine_AmongGoodOnes_IsNamedAndTheRestIsRead(string name, string broken, string problem)
    {
        var (before, good) = name switch
        {
            "table.csv" => ("user,assistant\n", "hi,hello\n"),
            "talk.txt" => ("", "User: hi\nAssistant: hello\n\n"),
            _ => ("", """{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}""" + "\n"),
        };
        var lines = await ImportAsync(name, Encoding.UTF8.GetBytes($"{before}{good}{broken}\n\n{good}"));
        Assert.Equal(2, lines.Count(l => l.Record is not null));
        var fault = Assert.Single(lines, l => l.Problem is not null);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
        Assert.Equal(before.Count(c => c == '\n') + good.Count(c => c == '\n') + 1, fault.Number);
    }

    [Theory]
    [InlineData("chat.jsonl")]
    [InlineData("table.csv")]
    [InlineData("talk.txt")]
    public async Task LineOfAnotherEncoding_IsReported_AndTheRestIsRead(string name)
    {
        var good = name switch
        {
            "table.csv" => "user,assistant\nhi,hello\n",
            "talk.txt" => "User: hi\nAssistant: hello\n\n",
            _ => """{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}""" + "\n",
        };
        var latin = Encoding.Latin1.GetBytes(name == "table.csv" ? "caf\u00e9,yes\n" : "User: caf\u00e9\n");
        var lines = await ImportAsync(name, [.. Encoding.UTF8.GetBytes(good), .. latin]);
        Assert.Single(lines, l => l.Record is not null);
        Assert.Contains("is not UTF-8", Assert.Single(lines, l => l.Problem is not null).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MillionCharacterRecord_IsLeftOut_AndTheRestIsRead()
    {
        var good = """{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}""";
        var huge = good.Replace("hello", new string('x', 1_000_001), StringComparison.Ordinal);
        foreach (var content in (string[])[$"{good}\n{huge}\n{good}", $"[{good},{huge},{good}]"])
        {
            var lines = await ImportAsync("chat.jsonl", Encoding.UTF8.GetBytes(content));
            Assert.Equal([true, false, true], lines.Select(l => l.Record is not null));
            Assert.Contains("is longer than 1,000,000", lines[1].Problem, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("chat.json", "[{\"messages\":[]}, oops", "line 1 is not JSON")]
    [InlineData("chat.jsonl", "{\"text\":\"hi\"}\n", "cannot be told")]
    [InlineData("chat.jsonl", "", "cannot be told")]
    [InlineData("table.csv", "a,b\n1,2\n", "needs a heading")]
    [InlineData("utf16.txt", "\ufeffUser: hi", "is UTF-16")]
    public async Task FileThatCannotBeRead_FailsWithOneClearSentence(string name, string content, string problem)
    {
        var encoding = name == "utf16.txt" ? Encoding.Unicode : Encoding.UTF8;
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => ImportAsync(name, encoding.GetBytes(content)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileWithoutLicence_IsRefused_UnlessItsRecordsNameTheirOwn()
    {
        var file = _folder / "chat.jsonl";
        await File.WriteAllTextAsync(file, """{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}""");
        await Assert.ThrowsAsync<ArgumentException>(async () => await DatasetImport.ReadAsync(file, DatasetFormat.Auto, null).ToListAsync());

        var record = new DatasetRecord("1", [new("user", "hi"), new("assistant", "hello")], "en", "own", "CC0-1.0", "by hand", ["greeting"]);
        await DatasetFile.WriteAsync(file, new[] { record }.ToAsyncEnumerable());
        var line = Assert.Single(await DatasetImport.ReadAsync(file, DatasetFormat.Auto, null).ToListAsync());
        Assert.Equivalent(record, line.Record);
    }

    private async Task<List<DatasetLine>> ImportAsync(string name, byte[] content)
    {
        await File.WriteAllBytesAsync(_folder / name, content);
        return await DatasetImport.ReadAsync(_folder / name, DatasetFormat.Auto, "CC-BY-4.0").ToListAsync();
    }
}
