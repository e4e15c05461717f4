using VoiceConsole.Engine;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Export;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Engine.Training.Gguf;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.Export;

public sealed class ModelExportTests : IDisposable
{
    private const string Text = "# Mona\n\nA model that knows its name,\nand little else.\n\n## Limits\nMany. 有限。\n";

    private static readonly ModelCard s_card = ModelCard.Of(Text, "CC0-1.0", ["en", "zh"], ["own", "chats"]);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TaughtModel_InFourSizes_EachIsSmallerHasTheCardAndOneInEightBitsLosesNothing()
    {
        var folders = await Parts.FoldersAsync("llama");
        var (model, lessons) = Taught(folders);

        var rows = new ModelExport(folders).Write(model, format => _folder / $"mona-{format}.gguf", ["q8_0", "q6_k", "q4_k_m", "q2_k"], s_card, lessons, 1, TestContext.Current.CancellationToken).ToList();

        Assert.Equal(["as it is", "q8_0", "q6_k", "q4_k_m", "q2_k"], rows.Select(r => r.Format));
        Assert.Equal(rows.Select(r => r.Bytes).OrderDescending(), rows.Select(r => r.Bytes));
        Assert.InRange(rows[1].Loss!.Value / rows[0].Loss!.Value, 0.995, 1.005);
        Assert.All(rows, r => Assert.True(double.IsFinite(r.Loss!.Value)));
        foreach (var row in rows.Skip(1))
        {
            Assert.Equal(new FileInfo(row.File).Length, row.Bytes);
            AssertHasCard(GgufReader.Read(row.File));
        }

        using var loaded = new LlamaModel(rows[4].File, folders);
        Assert.Equal(Vocabulary.ChatTemplate, loaded.Template);
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), f => f.EndsWith(".wide", StringComparison.Ordinal) || f.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CardWritten_WeightsStayBitForBit()
    {
        var folders = await Parts.FoldersAsync("llama");
        RandomLlama.Write(_folder / "plain.gguf", "plain", "MIT", new LlamaShape(32, 48, 1, 2, 2, 64), Vocabulary.Of(["▁", "a"], []), 1);

        CardWriter.Write(_folder / "plain.gguf", _folder / "carded.gguf", s_card, folders);

        AssertHasCard(GgufReader.Read(_folder / "carded.gguf"));
        LlamaNative.Load(folders);
        var shape = TrainableBase.Read(_folder / "plain.gguf");
        using var before = new LlamaWeights(_folder / "plain.gguf", shape);
        using var after = new LlamaWeights(_folder / "carded.gguf", shape);
        foreach (var name in shape.LearntNames)
            Assert.True(LlamaWeights.Values(before[name]).SequenceEqual(LlamaWeights.Values(after[name])));
    }

    [Fact]
    public async Task FolderThatIsNotThere_NothingIsLeftBehind()
    {
        var folders = await Parts.FoldersAsync("llama");
        RandomLlama.Write(_folder / "plain.gguf", "plain", "MIT", new LlamaShape(32, 48, 1, 2, 2, 64), Vocabulary.Of(["▁", "a"], []), 1);

        Assert.ThrowsAny<IOException>(() => new ModelExport(folders).WriteOne(_folder / "plain.gguf", _folder / "none/x.gguf", WeightFormat.Q80, s_card, 1));

        Assert.Equal(["plain.gguf"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no heading")]
    [InlineData("## too deep")]
    public void TextThatIsNoCard_IsRefused(string text) => Assert.Throws<InvalidDataException>(() => ModelCard.Of(text, "MIT", [], []));

    private static void AssertHasCard(GgufHead head)
    {
        Assert.Equal(("Mona", "A model that knows its name, and little else.", "CC0-1.0"), (head.Text("general.name"), head.Text("general.description"), head.Text("general.license")));
        Assert.Equal(["en", "zh"], head.Texts("general.languages"));
        Assert.Equal(["own", "chats"], head.Texts("general.datasets"));
        Assert.Equal(Text, head.Text(ModelCard.TextKey));
    }

    // Wide enough for every format, and it must have learnt something for a loss to tell anything.
    private (string Model, IReadOnlyList<Lesson> Lessons) Taught(string[] folders)
    {
        RandomLlama.Write(_folder / "new.gguf", "new", "MIT", new LlamaShape(256, 256, 1, 4, 4, 64), Vocabulary.Of(["▁", "a", "b", "c"], ["ab", "ba", "cab"]), 1);
        using var writer = new LessonWriter(_folder / "new.gguf", folders);
        Lesson[] lessons = [.. Enumerable.Range(0, 8).Select(i => writer.Write([new("user", $"a{new string('b', i)}"), new("assistant", $"c{new string('a', i)}b")]))];
        var run = TrainingRun.Of(new ConsolePaths(_folder / ""), "mona");
        new FineTuner(run, folders, TimeProvider.System).Run(
            _folder / "new.gguf", new TrainingData("toy", lessons, lessons), new FineTuneOptions { WindowTokens = 32, StepWindows = 4, Epochs = 6, Rate = 2e-3, CheckpointSteps = 100, Threads = 1 }, null, TestContext.Current.CancellationToken);
        return (run.Best, lessons);
    }
}
