namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>Where a run stands.</summary>
/// <param name="Window">Windows learnt.</param>
/// <param name="Windows">Windows in all epochs, unless it ends early.</param>
/// <param name="Epoch">The running epoch, from 1.</param>
/// <param name="Loss">Mean cross-entropy of a token in the newest windows, in nats.</param>
/// <param name="Accuracy">Share of their tokens that the model held the likeliest.</param>
/// <param name="ValidationLoss">At the newest checkpoint; null before the first and where there are no validation data.</param>
/// <param name="BestLoss">The lowest of these.</param>
/// <param name="TokensPerSecond">While it learns.</param>
/// <param name="Left">Time until all windows are learnt.</param>
public sealed record FineTuneProgress(
    long Window, long Windows, int Epoch, double Loss, double Accuracy, double? ValidationLoss, double? BestLoss, double TokensPerSecond, TimeSpan Left)
{
    public override string ToString() =>
        FormattableString.Invariant($"window {Window}/{Windows}, epoch {Epoch}, loss {Loss:0.000}, accuracy {Accuracy:P0}")
        + (ValidationLoss is { } validation ? FormattableString.Invariant($", validation {validation:0.000} (best {BestLoss:0.000})") : "")
        + FormattableString.Invariant($", {TokensPerSecond:0} tokens/s, {Left:hh\\:mm\\:ss} left");
}
