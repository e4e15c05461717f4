using System.Collections.Immutable;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Web.Live.Training;

/// <summary>Where the console's training stands.</summary>
public enum TrainingPhase
{
    Preparing, Learning, Stopping, Stopped, Done, Failed,
}

/// <summary>A loss that was reported.</summary>
/// <param name="Validation">At the newest checkpoint; null before the first.</param>
public readonly record struct LossPoint(long Step, double Loss, double? Validation);

/// <summary>The run that the console follows: the newest since it started.</summary>
/// <param name="Run">Its name.</param>
/// <param name="Latest">The newest report; null before the first.</param>
/// <param name="Points">Reports so far, thinned out so that they stay few.</param>
/// <param name="Problem">Why it failed; null when it did not.</param>
public sealed record TrainingJob(string Run, TrainingPhase Phase, FineTuneProgress? Latest, ImmutableList<LossPoint> Points, LiveProblem? Problem)
{
    private const int MostPoints = 800;

    public bool IsActive => Phase is TrainingPhase.Preparing or TrainingPhase.Learning or TrainingPhase.Stopping;

    public TrainingJob With(FineTuneProgress report)
    {
        var points = Points.Add(new LossPoint(report.Step, report.Loss, report.ValidationLoss));
        if (points.Count > MostPoints)
            points = [.. points.Where((_, i) => i % 2 == 1)];
        return this with { Phase = Phase == TrainingPhase.Preparing ? TrainingPhase.Learning : Phase, Latest = report, Points = points };
    }
}

/// <summary>A run to begin.</summary>
/// <param name="Base">A GGUF file to begin with; null for a small new model.</param>
public sealed record TrainingRequest(string Name, string Dataset, string? Base, int Epochs);
