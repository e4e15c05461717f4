using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Web.Commands.Train;

/// <summary><c>train finetune</c>: teaches a model from a data set; the same command goes on with a run that was stopped.</summary>
internal static class FinetuneCommand
{
    public static Command Build()
    {
        var defaults = new FineTuneOptions();
        var model = new Option<string>("--base") { Description = "The GGUF model to begin with, in F32 or F16.", Required = true };
        var dataset = new Option<string>("--dataset") { Description = "The data set, in data/datasets.", Required = true };
        var name = new Option<string>("--name") { Description = "The run, in data/training.", Required = true };
        var epochs = new Option<int>("--epochs") { Description = "Times that the data are gone through.", DefaultValueFactory = _ => defaults.Epochs };
        var rate = new Option<double>("--rate") { Description = "Highest learning rate.", DefaultValueFactory = _ => defaults.Rate };
        var decay = new Option<double>("--decay") { Description = "Weight decay.", DefaultValueFactory = _ => defaults.WeightDecay };
        var window = new Option<int>("--window") { Description = "Tokens the model sees at once; longer conversations are cut.", DefaultValueFactory = _ => defaults.WindowTokens };
        var batch = new Option<int>("--batch") { Description = "Windows after which the weights are changed.", DefaultValueFactory = _ => defaults.StepWindows };
        var checkpoint = new Option<int>("--checkpoint") { Description = "Steps between checkpoints.", DefaultValueFactory = _ => defaults.CheckpointSteps };
        var patience = new Option<int>("--patience") { Description = "Checkpoints without progress after which it ends.", DefaultValueFactory = _ => defaults.Patience };
        var seed = new Option<int>("--seed") { Description = "Of the data's order.", DefaultValueFactory = _ => defaults.Seed };
        var threads = new Option<int>("--threads") { Description = "Processor threads.", DefaultValueFactory = _ => defaults.Threads };
        var sample = new Option<string[]>("--sample") { Description = "Asked at each checkpoint; the replies are in the run's samples.jsonl.", AllowMultipleArgumentsPerToken = true };
        var follow = new Option<bool>("--follow") { Description = "For programs: a line of JSON for each report, and it stops when standard input ends." };
        var json = CommandRun.JsonOption();
        var command = new Command("finetune", """
            Teaches a model from a data set. Ctrl+C stops it; the same command goes on from the last checkpoint.

            Example:
              train finetune --base models/mine-f32.gguf --dataset own --name mine --epochs 5
            """) { model, dataset, name, epochs, rate, decay, window, batch, checkpoint, patience, seed, threads, sample, follow, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var part = await new ModelStore(paths).RequireAsync("llama", null, cancellationToken);
            var file = Path.GetFullPath(parsed.GetValue(model)!);
            var data = await TrainingData.ReadAsync(DatasetFolder.Require(paths, parsed.GetValue(dataset)!), file, part.Folders, cancellationToken);
            var run = TrainingRun.Of(paths, parsed.GetValue(name)!);
            var options = new FineTuneOptions
            {
                Epochs = parsed.GetValue(epochs),
                Rate = parsed.GetValue(rate),
                WeightDecay = parsed.GetValue(decay),
                WindowTokens = parsed.GetValue(window),
                StepWindows = parsed.GetValue(batch),
                CheckpointSteps = parsed.GetValue(checkpoint),
                Patience = parsed.GetValue(patience),
                Seed = parsed.GetValue(seed),
                Threads = parsed.GetValue(threads),
            };
            using var followed = parsed.GetValue(follow) ? new FollowedRun(cancellationToken) : null;
            IProgress<FineTuneProgress> progress = followed is null ? new TrainProgress() : followed;
            var stopped = followed?.Stopped ?? cancellationToken;
            TrainingState state;
            try
            {
                state = await Task.Run(() => new FineTuner(run, part.Folders, TimeProvider.System).Run(file, data, options, progress, stopped, parsed.GetValue(sample)), stopped);
            }
            catch (OperationCanceledException) when (followed is not null)
            {
                return ExitCode.Cancelled;
            }

            if (followed is not null)
                return ExitCode.Ok;
            if (parsed.GetValue(json))
                CommandRun.Print(new { state.Step, state.BestLoss, state.BestStep, model = run.Best });
            else
                Console.Out.WriteLine($"{run.Best}: best validation loss {state.BestLoss:0.000} at step {state.BestStep} of {state.Step}");
            return ExitCode.Ok;
        });
        return command;
    }
}
