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

    private const int Vocabulary = 4096, Seed = 1;

    private static readonly LlamaShape s_shape = new(Width: 160, Hidden: 448, Layers: 3, Heads: 5, KeyHeads: 5, Context: 256);

    // The same material said in other words: what was learnt in the first round is made sure in the second.
    private static readonly Round[] s_rounds = [new(Seed: 1, Bytes: 2_400_000, Rate: 2e-3, CheckpointSteps: 400), new(Seed: 2, Bytes: 1_800_000, Rate: 1.5e-3, CheckpointSteps: 300)];

    /// <summary>Does what is not done yet, and writes the model with weights of 8 bits.</summary>
    /// <param name="file">Written or overwritten; appears whole or not at all.</param>
    /// <param name="threads">Processor threads.</param>
    /// <returns>How the last round ended.</returns>
    /// <exception cref="OperationCanceledException">Stopped; the next call goes on from the last checkpoint.</exception>
    public async Task<TrainingState> MakeAsync(string file, int threads, IProgress<FineTuneProgress>? progress, CancellationToken cancellationToken)
    {
        var start = Path.Combine(RunOf(s_rounds[0]).Folder, $"{Name}.gguf");
        TrainingState? state = null;
        foreach (var round in s_rounds)
        {
            var (dataset, run) = (await DatasetAsync(round, cancellationToken), RunOf(round));
            Directory.CreateDirectory(run.Folder);
            if (!File.Exists(start))
                await NewModel.WriteAsync(dataset, start, s_shape, Vocabulary, Seed, cancellationToken);
            var data = await TrainingData.ReadAsync(dataset, start, folders, cancellationToken);
            var (from, options) = (start, OptionsOf(round, threads));
            state = await Task.Run(() => new FineTuner(run, folders, time).Run(from, data, options, progress, cancellationToken), cancellationToken);
            start = run.Best;
        }

        Quantizer.Write(start, file, WeightFormat.Q80, threads, folders);
        return state!;
    }

    private static FineTuneOptions OptionsOf(Round round, int threads) => new()
    {
        WindowTokens = 128,
        StepWindows = 4,
        Epochs = 2,
        Rate = round.Rate,
        WeightDecay = 0.1,
        CheckpointSteps = round.CheckpointSteps,
        Seed = Seed,
        Threads = threads,
    };

    private TrainingRun RunOf(Round round) => TrainingRun.Of(paths, $"{Name}-{round.Seed}");

    private async Task<DatasetFolder> DatasetAsync(Round round, CancellationToken cancellationToken)
    {
        var dataset = DatasetFolder.Of(paths, $"{Name}-{round.Seed}");
        if (!dataset.Exists)
            await new DatasetCollector(dataset).CollectAsync([(OwnDataset.Source, OwnDataset.Lines(round.Seed, round.Bytes))], add: false, cancellationToken);
        if (!File.Exists(dataset.Train))
            await new DatasetCleaner(new CleaningOptions { RepliesOnly = true }).CleanAsync(dataset, null, cancellationToken);
        return dataset;
    }

    /// <param name="Seed">Of the conversations.</param>
    /// <param name="Bytes">Of their text.</param>
    private sealed record Round(int Seed, int Bytes, double Rate, int CheckpointSteps);
}
