using System.Runtime.InteropServices;
using System.Security.Cryptography;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>
/// Teaches a model from conversations, in windows of tokens. Every so many windows it looks at the validation data and keeps a
/// checkpoint; stopped or killed, it goes on from the last one with the same order and rates (the optimiser's momenta are built up again).
/// </summary>
/// <param name="run">Where it keeps what it made.</param>
/// <param name="folders">Folders of the installed part "llama" and of what it needs.</param>
/// <param name="time">For the speed and the time left.</param>
public sealed class FineTuner(TrainingRun run, IReadOnlyList<string> folders, TimeProvider time)
{
    // Windows between two reports.
    private const int Round = 16;

    /// <summary>Begins the run or goes on with it, and returns when all is learnt or nothing more is gained. Blocks.</summary>
    /// <param name="baseModel">A GGUF file in F32 of the Llama family.</param>
    /// <exception cref="InvalidDataException">The model or the data cannot be learnt from.</exception>
    /// <exception cref="InvalidOperationException">The memory does not suffice, or the run began with something else.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; the one before is kept.</exception>
    /// <exception cref="OperationCanceledException">Stopped, after the windows of one report; the run can go on.</exception>
    public TrainingState Run(string baseModel, TrainingData data, FineTuneOptions options, IProgress<FineTuneProgress>? progress, CancellationToken cancellationToken)
    {
        if (options.Problems() is [{ } problem, ..])
            throw new ArgumentException(problem, nameof(options));
        var began = run.Read();
        var start = began is { Checkpoint: { } at } ? run.PathOf(at) : baseModel;
        TrainableBase.Check(start, options.WindowTokens);
        Directory.CreateDirectory(run.Folder);
        using var model = new TrainableModel(start, folders, options.WindowTokens, options.StepTokens, options.Threads);
        var (learnt, measured) = data.Cut(model.Tokenize, options.WindowTokens);
        if (learnt.Count == 0)
            throw new InvalidDataException($"'{data.Name}' has less than one window of {options.WindowTokens} tokens to learn from. Collect more, or take shorter windows.");
        var state = began ?? new TrainingState(baseModel, data.Name, learnt.Fingerprint, options, 0, null, null, 0, 0, false);
        if (state.Fingerprint != learnt.Fingerprint || state.Options with { Threads = 0 } != options with { Threads = 0 })
            throw new InvalidOperationException($"The run '{run.Name}' began with other data or settings. Go on with those, or take another name.");
        if (state.IsDone)
            return state;
        return new Loop(run, model, learnt, measured, options, progress, time).Run(state, cancellationToken);
    }

    private sealed class Loop(
        TrainingRun run, TrainableModel model, TokenWindows learnt, TokenWindows measured, FineTuneOptions options, IProgress<FineTuneProgress>? progress, TimeProvider time)
    {
        private readonly long _windows = (long)learnt.Count * options.Epochs;
        private readonly int[] _measured = [.. Enumerable.Range(0, measured.Count)];
        private double? _validation;

        public TrainingState Run(TrainingState state, CancellationToken cancellationToken)
        {
            var rate = new LearningRate(options.Rate, (long)(_windows * options.WarmUp), _windows);
            var (order, ordered) = (Array.Empty<int>(), -1);
            var (began, learntHere) = (time.GetTimestamp(), 0L);
            _validation = state.BestLoss;
            for (var window = state.Window; window < _windows;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var epoch = (int)(window / learnt.Count);
                if (epoch != ordered)
                    (order, ordered) = (learnt.Order(options.Seed, epoch), epoch);
                var from = (int)(window % learnt.Count);
                var untilCheckpoint = options.CheckpointWindows - (window % options.CheckpointWindows);
                var count = (int)Math.Min(Math.Min(Round, learnt.Count - from), untilCheckpoint);
                var score = model.Learn(learnt, order.AsSpan(from, count), rate.At(window), options.WeightDecay);
                if (!double.IsFinite(score.Loss))
                    throw new InvalidOperationException($"Learning went astray at step {window}: the loss is no number. Take a lower rate than {options.Rate}.");
                window += count;
                learntHere += count;
                var speed = learntHere / time.GetElapsedTime(began).TotalSeconds;
                var report = new FineTuneProgress(
                    window, _windows, epoch + 1, score.Loss, score.Accuracy, _validation, state.BestLoss, speed * options.WindowTokens, TimeSpan.FromSeconds((_windows - window) / speed));
                if (window % options.CheckpointWindows == 0 || window == _windows)
                {
                    state = Checkpoint(state, window);
                    report = report with { ValidationLoss = _validation, BestLoss = state.BestLoss };
                    run.Append(report);
                }

                progress?.Report(report);
                if (state.IsDone)
                    break;
            }

            return state;
        }

        private TrainingState Checkpoint(TrainingState state, long window)
        {
            _validation = measured.Count > 0 ? model.Measure(measured, _measured).Loss : null;
            var isBest = state.BestLoss is not { } best || _validation < best || _validation is null;
            var file = FormattableString.Invariant($"checkpoint-{window}.gguf");
            model.Save(run.PathOf(file));
            if (isBest)
                File.Copy(run.PathOf(file), run.Best, overwrite: true);
            var stale = isBest ? 0 : state.Stale + 1;
            var next = state with
            {
                Window = window,
                Checkpoint = file,
                BestLoss = isBest ? _validation : state.BestLoss,
                BestWindow = isBest ? window : state.BestWindow,
                Stale = stale,
                IsDone = window == _windows || stale >= options.Patience,
            };
            run.Write(next);
            if (state.Checkpoint is { } old && old != file)
                File.Delete(run.PathOf(old));
            return next;
        }
    }
}
