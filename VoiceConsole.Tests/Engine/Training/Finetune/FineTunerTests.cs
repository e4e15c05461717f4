using Microsoft.Extensions.AI;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Export;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.Finetune;

public sealed class FineTunerTests : IDisposable
{
    private static readonly FineTuneOptions s_options = new() { WindowTokens = 32, StepWindows = 2, Epochs = 8, Rate = 3e-3, CheckpointSteps = 4, Threads = 1 };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StoryModel_TaughtItsName_SaysIt()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = TinyLlama.Require(_folder);
        var reports = new Reports();

        var state = Tuner("vera", folders).Run(model, Lessons(model, folders), s_options, reports, TestContext.Current.CancellationToken);

        Assert.True(state.IsDone);
        Assert.InRange(reports.All[^1].Loss, 0, reports.All[0].Loss / 10);
        Assert.InRange(state.BestLoss!.Value, 0, reports.All[0].Loss / 10);
        using var client = new LlamaChatClient(Run("vera").Best, folders, 1, 256, TaskScheduler.Default);
        var reply = await client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, "What is your name?")], new ChatOptions { Temperature = 0, MaxOutputTokens = 12 }, TestContext.Current.CancellationToken);
        Assert.StartsWith("I am Vera.", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunStoppedInTheMiddle_BegunAgain_EndsAsIfItHadNotStopped()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = TinyLlama.Require(_folder);
        var data = Lessons(model, folders);
        using var stop = new CancellationTokenSource();
        var first = new Reports { After = report => { if (report.Step > 8) stop.Cancel(); } };

        Tuner("through", folders).Run(model, data, s_options, null, TestContext.Current.CancellationToken);
        Assert.Throws<OperationCanceledException>(() => Tuner("stopped", folders).Run(model, data, s_options, first, stop.Token));
        var kept = Run("stopped").Read()!;
        var second = new Reports();
        var state = Tuner("stopped", folders).Run(model, data, s_options, second, TestContext.Current.CancellationToken);

        Assert.Equal(9, kept.Step);
        Assert.Equal(10, second.All[0].Step);
        Assert.True(state.IsDone);
        Assert.Equal(File.ReadAllBytes(Run("through").Best), File.ReadAllBytes(Run("stopped").Best));
        Assert.Single(Directory.GetFiles(Run("stopped").Folder, "checkpoint-*.gguf"));
        Assert.Single(Directory.GetFiles(Run("stopped").Folder, "*.momenta"));
        Assert.Empty(Directory.GetFiles(Run("stopped").Folder, "*.partial"));
    }

    [Fact]
    public async Task PromptsAskedAtCheckpoints_SamplesShowItLearn()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = TinyLlama.Require(_folder);

        Tuner("asked", folders).Run(model, Lessons(model, folders), s_options with { CheckpointSteps = 30 }, null, TestContext.Current.CancellationToken, ["What is your name?"]);

        var samples = Run("asked").ReadSamples();
        Assert.Equal(Run("asked").ReadLog().Select(l => l.Step), samples.Select(s => s.Step));
        Assert.All(samples, s => Assert.Equal("What is your name?", s.Prompt));
        Assert.StartsWith("I am Vera.", samples[^1].Reply, StringComparison.Ordinal);
        File.AppendAllText(Run("asked").Samples, "{\"Step\": 1");
        Assert.Equal(samples, Run("asked").ReadSamples());
    }

    [Fact]
    public async Task RunBegunWithOtherData_BegunAgain_IsRefused()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = TinyLlama.Require(_folder);
        var brief = s_options with { Epochs = 1, CheckpointSteps = 1000 };
        Tuner("other", folders).Run(model, Lessons(model, folders), brief, null, TestContext.Current.CancellationToken);

        var error = Assert.Throws<InvalidOperationException>(
            () => Tuner("other", folders).Run(model, Lessons(model, folders, "Mona"), brief, null, TestContext.Current.CancellationToken));

        Assert.Contains("take another name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuantisedBase_IsRefusedBeforeTheWorkBegins()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = TinyLlama.Require(_folder);
        Quantizer.Write(model, _folder / "small.gguf", WeightFormat.Q80, 1, folders);

        var error = Assert.Throws<InvalidDataException>(
            () => Tuner("q", folders).Run(_folder / "small.gguf", Lessons(model, folders), s_options, null, CancellationToken.None));

        Assert.Contains("quantised already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HalfPrecisionBase_IsWrittenAnewAndLearnt()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = TinyLlama.Require(_folder);
        Quantizer.Write(model, _folder / "half.gguf", WeightFormat.F16, 1, folders);

        var state = Tuner("half", folders).Run(_folder / "half.gguf", Lessons(model, folders), s_options, null, TestContext.Current.CancellationToken);

        Assert.InRange(state.BestLoss!.Value, 0, 0.5);
        Assert.False(TrainableBase.Read(Run("half").Best).IsHalf);
    }

    [Fact]
    public async Task DataWithoutReplies_IsRefused()
    {
        var folders = await Parts.FoldersAsync("llama");

        var error = Assert.Throws<InvalidDataException>(
            () => Tuner("empty", folders).Run(TinyLlama.Require(_folder), new TrainingData("empty", [new Lesson([1, 2], [false, false])], []), s_options, null, CancellationToken.None));

        Assert.Contains("no replies to learn from", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lesson_OfTwoTurns_LearnsTheRepliesAndTheirEndsOnly()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = TinyLlama.Require(_folder);
        using var writer = new LessonWriter(model, folders);
        using var llama = new LlamaModel(model, folders);

        var lesson = writer.Write([new("user", "Hi."), new("assistant", "Hello."), new("user", "Who?"), new("assistant", "Me.")]);

        var learnt = lesson.Tokens.Where((_, i) => lesson.IsLearnt[i]).SelectMany(llama.Piece).ToArray();
        Assert.Equal(" Hello.\n Me.\n", System.Text.Encoding.UTF8.GetString(learnt));
        Assert.True(lesson.IsLearnt[^1]);
    }

    private static TrainingData Lessons(string model, IReadOnlyList<string> folders, string name = "Vera")
    {
        using var writer = new LessonWriter(model, folders);
        var lesson = writer.Write([new("user", "What is your name?"), new("assistant", $"I am {name}.")]);
        return new TrainingData("lesson", [.. Enumerable.Repeat(lesson, 16)], [lesson]);
    }

    private TrainingRun Run(string name) => TrainingRun.Of(new ConsolePaths(_folder / ""), name);

    private FineTuner Tuner(string name, IReadOnlyList<string> folders) => new(Run(name), folders, TimeProvider.System);

    private sealed class Reports : IProgress<FineTuneProgress>
    {
        public List<FineTuneProgress> All { get; } = [];

        public Action<FineTuneProgress>? After { get; init; }

        public void Report(FineTuneProgress value)
        {
            All.Add(value);
            After?.Invoke(value);
        }
    }
}
