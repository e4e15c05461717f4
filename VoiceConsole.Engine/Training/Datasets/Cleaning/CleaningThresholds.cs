namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>Where cleaning draws its lines: thresholds.json.</summary>
/// <param name="MaxCharacters">Longest record, all messages together.</param>
/// <param name="NearDuplicate">Share of common pieces (Jaccard) from which two records are the same, 0 to 1; above 1 none are.</param>
/// <param name="Validation">Share of the records kept to measure with, 0 to 0.5.</param>
/// <param name="Unwanted">By category of <see cref="ContentFilter"/>.</param>
public sealed record CleaningThresholds(
    int MaxCharacters, int MaxMessages, double NearDuplicate, double Validation, IReadOnlyDictionary<string, double> Unwanted)
{
    private const string File = "thresholds.json";

    /// <param name="lists">Folder of one's own lists; null for the built-in ones.</param>
    /// <exception cref="InvalidDataException">A value is missing or out of range.</exception>
    public static CleaningThresholds Read(string? lists = null)
    {
        var thresholds = CleaningLists.Read<CleaningThresholds>(File, lists);
        if (thresholds is not { MaxCharacters: > 0, MaxMessages: > 1, NearDuplicate: > 0, Validation: >= 0 and <= 0.5, Unwanted: not null }
            || ContentFilter.Categories.Any(c => thresholds.Unwanted.GetValueOrDefault(c) <= 0))
        {
            throw new InvalidDataException(
                $"The list {File} needs maxCharacters and maxMessages above 0 and 1, nearDuplicate above 0, validation from 0 to 0.5, and above 0 for each of unwanted: {string.Join(", ", ContentFilter.Categories)}.");
        }

        return thresholds;
    }
}
