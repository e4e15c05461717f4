using VoiceConsole.Engine.Training.Export;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>
/// Teaches a model from conversations, in steps of some windows of tokens. Every so many steps it looks at the validation data and
/// keeps a checkpoint; stopped, it goes on where it stood, and killed from the last one, exactly as it would have gone on.
/// </summary>
/// <param name="run">Where it keeps what it made.</param>
/// <param name="folders">Folders of the installed part "llama" and of what it needs.</param>
/// <param name="time">For the speed and the time left.</param>
public sealed class FineTuner(TrainingRun run, IReadOnlyList<string> folders, TimeProvider time)
{
    /// <summary>Begins the run or goes on with it, and returns when all is learnt or nothing more is gained. Blocks.</summary>
    /// <param name="baseModel">A GGUF file in F32 or F16 of the Llama family.</param>
    /// <param name="prompts">Asked at each checkpoint; the replies are the run's samples.</param>
    /// <exception cref="InvalidDataException">The model or the data cannot be learnt from.</exception>
    /// <exception cref="InvalidOperationException">The memory does not suffice, or the run began with something else.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; the one before is kept.</exception>
    /// <exception cref="OperationCanceledException">Stopped, after a step; the run can go on.</exception>
    public TrainingState Run(
        string baseModel, TrainingData data, FineTuneOptions options, IProgress<FineTuneProgress>? progress, CancellationToken cancellationToken, IReadOnlyList<string>? prompts = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems() is [{ } problem, ..])
            throw new ArgumentException(problem, nameof(options));
        var learnt = new TokenWindows(data.Learn, options.WindowTokens);
        if (learnt.Counted == 0)
            throw new InvalidDataException($"'{data.Name}' has no replies to learn from. Collect conversations in which the assistant says something.");
        var state = run.Read() ?? new TrainingState(baseModel, data.Name, learnt.Fingerprint, options, 0, null, 0, 0, false);
        if (state.Fingerprint != learnt.Fingerprint || state.Options with { Threads = 0 } != options with { Threads = 0 })
            throw new InvalidOperationException($"The run '{run.Name}' began with other data or settings. Go on with those, or take another name.");
        if (state.IsDone)
            return state;
        Directory.CreateDirectory(run.Folder);
        var measured = new TokenWindows(data.Measure, options.WindowTokens);
        using var model = new TrainableModel(
            Start(state), folders, options.StepWindows, options.WindowTokens, Math.Max(learnt.MostCounted, measured.MostCounted), options.Threads);
        if (state.Step > 0)
            model.LoadMomenta(run.Momenta(state.Step));
        return new Loop(run, model, learnt, measured, options, progress, time, new CheckpointSamples(run, folders, prompts ?? [])).Run(state, cancellationToken);
    }

    // Half precision is too coarse for small steps.
    private string Start(TrainingState state)
    {
        if (state.Step > 0)
            return run.Checkpoint(state.Step);
        if (!TrainableBase.Read(state.Base).IsHalf)
            return state.Base;
        Quantizer.Write(state.Base, run.Checkpoint(0), WeightFormat.F32, state.Options.Threads, folders);
        return run.Checkpoint(0);
    }

    private sealed class Loop(
        TrainingRun run, TrainableModel model, TokenWindows learnt, TokenWindows measured, FineTuneOptions options, IProgress<FineTuneProgress>? progress, TimeProvider time, CheckpointSamples samples)
    {
        private readonly int _stepsOfEpoch = (learnt.Count + options.StepWindows - 1) / options.StepWindows;
        private double? _validation;

        private long Steps => Math.Min((long)_stepsOfEpoch * options.Epochs, options.MaxSteps ?? long.MaxValue);

        public TrainingState Run(TrainingState state, CancellationToken cancellationToken)
        {
            var rate = new LearningRate(options.Rate, (long)(Steps * options.WarmUp), Steps);
            var (order, ordered) = (Array.Empty<int>(), -1);
            var (began, first) = (time.GetTimestamp(), state.Step);
            _validation = state.BestLoss;
            for (var step = state.Step; step < Steps && !state.IsDone;)
            {
                if (cancellationToken.IsCancellationRequested && step > state.Step)
                    Keep(state, state with { Step = step });
                cancellationToken.ThrowIfCancellationRequested();
                var epoch = (int)(step / _stepsOfEpoch);
                if (epoch != ordered)
                    (order, ordered) = (learnt.Order(options.Seed, epoch), epoch);
                var from = (int)(step % _stepsOfEpoch) * options.StepWindows;
                var windows = order.AsSpan(from, Math.Min(options.StepWindows, learnt.Count - from));
                var score = model.Learn(learnt, windows, step, rate.At(step), options.WeightDecay);
                if (!double.IsFinite(score.Loss))
                    throw new InvalidOperationException($"Learning went astray at step {step}: the loss is no number. Take a lower rate than {options.Rate}.");
                step++;
                var speed = (step - first) / time.GetElapsedTime(began).TotalSeconds;
                var report = new FineTuneProgress(
                    step, Steps, epoch + 1, score.Loss, score.Accuracy, _validation, state.BestLoss,
                    speed * options.StepWindows * options.WindowTokens, TimeSpan.FromSeconds((Steps - step) / speed));
                if (step % options.CheckpointSteps == 0 || step == Steps)
                {
                    state = Checkpoint(state, step);
                    report = report with { ValidationLoss = _validation, BestLoss = state.BestLoss };
                    run.Append(report);
                    samples.Write(step);
                }

                progress?.Report(report);
            }

            return state;
        }

        private TrainingState Checkpoint(TrainingState state, long step)
        {
            _validation = measured.Counted > 0 ? model.Measure(measured).Loss : null;
            var isBest = state.BestLoss is not { } best || _validation is null || _validation < best;
            var stale = isBest ? 0 : state.Stale + 1;
            var next = state with
            {
                Step = step,
                BestLoss = isBest ? _validation : state.BestLoss,
                BestStep = isBest ? step : state.BestStep,
                Stale = stale,
                IsDone = step == Steps || stale >= options.Patience,
            };
            Keep(state, next, isBest);
            return next;
        }

        // The state is written last: until then the checkpoint before is the one to go on from.
        private void Keep(TrainingState before, TrainingState now, bool isBest = false)
        {
            model.Save(run.Checkpoint(now.Step), run.Momenta(now.Step));
            if (isBest)
                File.Copy(run.Checkpoint(now.Step), run.Best, overwrite: true);
            run.Write(now);
            if (before.Step == now.Step)
                return;
            File.Delete(run.Checkpoint(before.Step));
            File.Delete(run.Momenta(before.Step));
        }
    }
}
