namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>What one side said.</summary>
/// <param name="Role">"system", "user" or "assistant".</param>
public sealed record DatasetMessage(string Role, string Content)
{
    public const string System = "system";
    public const string User = "user";
    public const string Assistant = "assistant";
}
