namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>How a data set is cleaned.</summary>
public sealed record CleaningOptions
{
    /// <summary>Folder of lists that replace the built-in ones of the same name; null for none.</summary>
    public string? Lists { get; init; }

    /// <summary>
    /// Look for unwanted content in the replies only. A set that teaches to decline politely needs the prompts that are declined.
    /// Personal data are looked for everywhere, whatever this says.
    /// </summary>
    public bool RepliesOnly { get; init; }
}
