using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Cleaning;
using VoiceConsole.Engine.Training.Datasets.Own;
using VoiceConsole.Engine.Training.Export;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Engine.Training;

/// <summary>How the console's own chat model is made from nothing but the project's own material and a seed.</summary>
public sealed class ChatModelRecipe
{
    public const string Name = "voiceconsole-chat";

    private readonly ConsolePaths _paths;
    private readonly IReadOnlyList<string> _folders;
    private readonly TimeProvider _time;
    private readonly ChatModelPlan _plan;

    /// <param name="paths">The data sets and the runs are kept there under the model's name; its card lies in models/.</param>
    /// <param name="folders">Folders of the installed part "llama" and of what it needs.</param>
    /// <param name="time">For the speed and the time left.</param>
    public ChatModelRecipe(ConsolePaths paths, IReadOnlyList<string> folders, TimeProvider time)
        : this(paths, folders, time, ChatModelPlan.Default)
    {
    }

    internal ChatModelRecipe(ConsolePaths paths, IReadOnlyList<string> folders, TimeProvider time, ChatModelPlan plan) =>
        (_paths, _folders, _time, _plan) = (paths, folders, time, plan);

    /// <summary>Does what is not done yet, and writes the model with its card and weights of 8 bits.</summary>
    /// <param name="file">Written or overwritten; appears whole or not at all.</param>
    /// <param name="threads">Processor threads.</param>
    /// <returns>How the last round ended.</returns>
    /// <exception cref="FileNotFoundException">The card is missing.</exception>
    /// <exception cref="OperationCanceledException">Stopped; the next call goes on from the last checkpoint.</exception>
    public async Task<TrainingState> MakeAsync(string file, int threads, IProgress<FineTuneProgress>? progress, CancellationToken cancellationToken)
    {
        var card = ModelCard.Of(await ReadCardAsync(cancellationToken), OwnDataset.Licence, OwnDataset.Languages, [OwnDataset.Source]);
        var start = Path.Combine(RunOf(_plan.Rounds[0]).Folder, $"{Name}.gguf");
        TrainingState? state = null;
        foreach (var round in _plan.Rounds)
        {
            var (dataset, run) = (await DatasetAsync(round, cancellationToken), RunOf(round));
            Directory.CreateDirectory(run.Folder);
            if (!File.Exists(start))
                await NewModel.WriteAsync(dataset, start, _plan.Shape, _plan.Vocabulary, _plan.Seed, plans: true, cancellationToken);
            var data = await TrainingData.ReadAsync(dataset, start, _folders, cancellationToken);
            var (from, options) = (start, OptionsOf(round, threads));
            state = await Task.Run(() => new FineTuner(run, _folders, _time).Run(from, data, options, progress, cancellationToken), cancellationToken);
            start = run.Best;
        }

        new ModelExport(_folders).WriteOne(start, file, WeightFormat.Q80, card, threads);
        return state!;
    }

    private Task<string> ReadCardAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(_paths.Models, $"{Name}.md");
        return File.Exists(file) ? File.ReadAllTextAsync(file, cancellationToken) : throw new FileNotFoundException($"The model's card is missing: {file}. It is part of the project.");
    }

    private FineTuneOptions OptionsOf(ChatModelRound round, int threads) => new()
    {
        WindowTokens = 128,
        StepWindows = 4,
        Epochs = round.Epochs,
        MaxSteps = round.MaxSteps,
        Rate = round.Rate,
        WeightDecay = 0.1,
        CheckpointSteps = round.CheckpointSteps,
        Patience = 10,
        Seed = _plan.Seed,
        Threads = threads,
    };

    private TrainingRun RunOf(ChatModelRound round) => TrainingRun.Of(_paths, $"{Name}-{round.Seed}");

    private async Task<DatasetFolder> DatasetAsync(ChatModelRound round, CancellationToken cancellationToken)
    {
        var dataset = DatasetFolder.Of(_paths, $"{Name}-{round.Seed}");
        if (!dataset.Exists)
            await new DatasetCollector(dataset).CollectAsync([(OwnDataset.Source, OwnDataset.Lines(round.Seed, round.Bytes))], add: false, cancellationToken);
        if (!File.Exists(dataset.Train))
            await new DatasetCleaner(new CleaningOptions { RepliesOnly = true }).CleanAsync(dataset, null, cancellationToken);
        return dataset;
    }
}
