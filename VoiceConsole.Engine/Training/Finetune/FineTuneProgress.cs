namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>Where a run stands.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Steps">Steps of all epochs, unless it ends early.</param>
/// <param name="Epoch">The running epoch, from 1.</param>
/// <param name="Loss">Mean cross-entropy of a token of the newest step, in nats.</param>
/// <param name="Accuracy">Share of their tokens that the model held the likeliest.</param>
/// <param name="ValidationLoss">At the newest checkpoint; null before the first and where there are no validation data.</param>
/// <param name="BestLoss">The lowest of these.</param>
/// <param name="TokensPerSecond">Learnt and read only, while it learns.</param>
/// <param name="Left">Time until all steps are taken.</param>
public sealed record FineTuneProgress(
    long Step, long Steps, int Epoch, double Loss, double Accuracy, double? ValidationLoss, double? BestLoss, double TokensPerSecond, TimeSpan Left)
{
    public override string ToString() =>
        FormattableString.Invariant($"step {Step}/{Steps}, epoch {Epoch}, loss {Loss:0.000}, accuracy {Accuracy:P0}")
        + (ValidationLoss is { } validation ? FormattableString.Invariant($", validation {validation:0.000} (best {BestLoss:0.000})") : "")
        + FormattableString.Invariant($", {TokensPerSecond:0} tokens/s, {Left:hh\\:mm\\:ss} left");
}
