using Microsoft.Extensions.AI;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Export;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.Finetune;

public sealed class FineTunerTests : IDisposable
{
    private static readonly FineTuneOptions s_options = new() { StepTokens = 32, Epochs = 16, Rate = 5e-4, CheckpointWindows = 4, Threads = 1 };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StoryModel_TaughtItsName_SaysIt()
    {
        var folders = await Parts.FoldersAsync("llama");
        var reports = new Reports();

        var state = Tuner("vera", folders).Run(TinyLlama.Require(_folder), Lesson(), s_options, reports, TestContext.Current.CancellationToken);

        Assert.True(state.IsDone);
        Assert.True(reports.All[^1].Loss < reports.All[0].Loss / 3, $"{reports.All[0].Loss} -> {reports.All[^1].Loss}");
        Assert.InRange(state.BestLoss!.Value, 0, reports.All[0].Loss / 2);
        using var client = new LlamaChatClient(Run("vera").Best, folders, 1, 256, TaskScheduler.Default);
        var reply = await client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, "What is your name?")], new ChatOptions { Temperature = 0, MaxOutputTokens = 12 }, TestContext.Current.CancellationToken);
        Assert.StartsWith("I am Vera.", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunStoppedInTheMiddle_BegunAgain_GoesOnFromItsCheckpoint()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = TinyLlama.Require(_folder);
        using var stop = new CancellationTokenSource();
        var first = new Reports { After = report => { if (report.Window > 8) stop.Cancel(); } };

        Assert.Throws<OperationCanceledException>(() => Tuner("stopped", folders).Run(model, Lesson(), s_options, first, stop.Token));
        var kept = Run("stopped").Read()!;
        var second = new Reports();
        var state = Tuner("stopped", folders).Run(model, Lesson(), s_options, second, TestContext.Current.CancellationToken);

        Assert.Equal(8, kept.Window);
        Assert.InRange(second.All[0].Window, 9, 12);
        Assert.True(second.All[0].Loss < first.All[0].Loss, "what was learnt is kept");
        Assert.True(state.IsDone);
        Assert.Single(Directory.GetFiles(Run("stopped").Folder, "checkpoint-*.gguf"));
        Assert.Empty(Directory.GetFiles(Run("stopped").Folder, "*.partial"));
    }

    [Fact]
    public async Task RunBegunWithOtherData_BegunAgain_IsRefused()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = TinyLlama.Require(_folder);
        var short1 = s_options with { Epochs = 1, CheckpointWindows = 1000 };
        Tuner("other", folders).Run(model, Lesson(), short1, null, TestContext.Current.CancellationToken);

        var error = Assert.Throws<InvalidOperationException>(
            () => Tuner("other", folders).Run(model, Lesson("Mona"), short1, null, TestContext.Current.CancellationToken));

        Assert.Contains("take another name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuantisedBase_IsRefusedBeforeTheWorkBegins()
    {
        var folders = await Parts.FoldersAsync("llama");
        Quantizer.Write(TinyLlama.Require(_folder), _folder / "small.gguf", WeightFormat.Q80, 1, folders);

        var error = Assert.Throws<InvalidDataException>(() => Tuner("q", folders).Run(_folder / "small.gguf", Lesson(), s_options, null, CancellationToken.None));

        Assert.Contains("quantised already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataOfLessThanAWindow_IsRefused()
    {
        var folders = await Parts.FoldersAsync("llama");

        var error = Assert.Throws<InvalidDataException>(
            () => Tuner("empty", folders).Run(TinyLlama.Require(_folder), new TrainingData("empty", ["Hi."], []), s_options, null, CancellationToken.None));

        Assert.Contains("less than one window", error.Message, StringComparison.Ordinal);
    }

    private static TrainingData Lesson(string name = "Vera")
    {
        var conversation = $"<s>User: What is your name?\nAssistant: I am {name}.\n</s>";
        return new TrainingData("lesson", [.. Enumerable.Repeat(conversation, 40)], [.. Enumerable.Repeat(conversation, 20)]);
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
