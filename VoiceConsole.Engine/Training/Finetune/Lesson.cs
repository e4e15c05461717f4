namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>A conversation in tokens as the model reads it.</summary>
/// <param name="Tokens">Special tokens included.</param>
/// <param name="IsLearnt">For each token, whether the model shall say it: those of replies and of their ends.</param>
public sealed record Lesson(int[] Tokens, bool[] IsLearnt)
{
    /// <summary>Where the token stands by which the model plans its reply; null where there is none.</summary>
    public int? PlanAt { get; init; }
}
