namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>A record that cleaning took out.</summary>
/// <param name="Line">In records.jsonl.</param>
/// <param name="Id">Null when the line was no record.</param>
/// <param name="Reason">One of the constants here.</param>
/// <param name="Detail">What exactly; personal data are named by kind and not repeated.</param>
public sealed record Removal(long Line, string? Id, string Reason, string Detail)
{
    public const string Broken = "broken";
    public const string TooLong = "too long";
    public const string Language = "other language";
    public const string Personal = "personal data";
    public const string Unwanted = "unwanted content";
    public const string Duplicate = "duplicate";
    public const string NearDuplicate = "near duplicate";
}
