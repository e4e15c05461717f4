using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Cleaning;
using VoiceConsole.Engine.Training.Datasets.Own;
using VoiceConsole.Engine.Training.Export;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Engine.Training;

/// <summary>How the console's own chat model is made from nothing but the project's own material and a seed.</summary>
/// <param name="paths">The data set and the run are kept there under the model's name.</param>
/// <param name="folders">Folders of the installed part "llama" and of what it needs.</param>
/// <param name="time">For the speed and the time left.</param>
public sealed class ChatModelRecipe(ConsolePaths paths, IReadOnlyList<string> folders, TimeProvider time)
{
    public const string Name = "voiceconsole-chat";

    private const int Seed = 1, Bytes = 2_400_000, Vocabulary = 4096;

    private static readonly LlamaShape s_shape = new(Width: 160, Hidden: 448, Layers: 3, Heads: 5, KeyHeads: 5, Context: 256);

    private static readonly FineTuneOptions s_options = new()
    {
        WindowTokens = 128,
        StepWindows = 4,
        Epochs = 2,
        Rate = 2e-3,
        WeightDecay = 0.1,
        CheckpointSteps = 400,
        Seed = Seed,
    };

    /// <summary>Does what is not done yet, and writes the model with weights of 8 bits.</summary>
    /// <param name="file">Written or overwritten; appears whole or not at all.</param>
    /// <param name="threads">Processor threads.</param>
    /// <exception cref="OperationCanceledException">Stopped; the next call goes on from the last checkpoint.</exception>
    public async Task<TrainingState> MakeAsync(string file, int threads, IProgress<FineTuneProgress>? progress, CancellationToken cancellationToken)
    {
        var dataset = DatasetFolder.Of(paths, Name);
        if (!dataset.Exists)
            await new DatasetCollector(dataset).CollectAsync([(OwnDataset.Source, OwnDataset.Lines(Seed, Bytes))], add: false, cancellationToken);
        if (!File.Exists(dataset.Train))
            await new DatasetCleaner(new CleaningOptions { RepliesOnly = true }).CleanAsync(dataset, null, cancellationToken);
        var run = TrainingRun.Of(paths, Name);
        Directory.CreateDirectory(run.Folder);
        var start = Path.Combine(run.Folder, $"{Name}.gguf");
        if (!File.Exists(start))
            await NewModel.WriteAsync(dataset, start, s_shape, Vocabulary, Seed, cancellationToken);
        var data = await TrainingData.ReadAsync(dataset, start, folders, cancellationToken);
        var state = await Task.Run(
            () => new FineTuner(run, folders, time).Run(start, data, s_options with { Threads = threads }, progress, cancellationToken), cancellationToken);
        Quantizer.Write(run.Best, file, WeightFormat.Q80, threads, folders);
        return state;
    }
}
