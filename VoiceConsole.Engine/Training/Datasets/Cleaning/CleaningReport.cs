using System.Globalization;
using System.Text;

namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>What cleaning made of a data set.</summary>
/// <param name="Read">Lines that were not blank.</param>
/// <param name="Train">Records to learn from.</param>
/// <param name="Validation">Records to measure with.</param>
/// <param name="Normalized">Kept records that are spelt otherwise than before.</param>
/// <param name="KeptByLanguage">"en" and "zh".</param>
/// <param name="Removals">Every record that is gone, in the order of the file.</param>
public sealed record CleaningReport(
    string Name, int Read, int Train, int Validation, int Normalized, IReadOnlyDictionary<string, int> KeptByLanguage, IReadOnlyList<Removal> Removals)
{
    /// <summary>How many were removed for each reason, the commonest first.</summary>
    public IReadOnlyDictionary<string, int> RemovedByReason { get; } =
        Removals.CountBy(r => r.Reason).OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal).ToDictionary();

    /// <summary>For people.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Data set {Name}: {Read:N0} read, {Train + Validation:N0} kept ({Train:N0} to learn from, {Validation:N0} to measure with), {Removals.Count:N0} removed, {Normalized:N0} respelt.");
        foreach (var (language, count) in KeptByLanguage)
            text.AppendLine(CultureInfo.InvariantCulture, $"  kept, {language}: {count:N0}");
        foreach (var (reason, count) in RemovedByReason)
            text.AppendLine(CultureInfo.InvariantCulture, $"  removed, {reason}: {count:N0}");
        return text.ToString();
    }

    /// <summary>For people, with every removal on a line.</summary>
    public string ToLongText()
    {
        var text = new StringBuilder(ToString());
        foreach (var removal in Removals)
            text.AppendLine(CultureInfo.InvariantCulture, $"line {removal.Line}{(removal.Id is null ? "" : $" ({removal.Id})")}: {removal.Reason}: {removal.Detail}");
        return text.ToString();
    }
}
