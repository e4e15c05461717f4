using System.Globalization;

namespace VoiceConsole.Engine.Models;

/// <summary>How far a part is.</summary>
/// <param name="Part">Which.</param>
/// <param name="Step">What is being done.</param>
/// <param name="Bytes">Fetched so far, of the part's size.</param>
/// <param name="Problem">Why it failed; null in every other step.</param>
public sealed record ModelProgress(CatalogPart Part, PartStep Step, long Bytes, ModelUnavailableException? Problem = null);

public enum PartStep
{
    Waiting,
    Fetching,
    Unpacking,
    Ready,
    Failed,
}

/// <summary>Progress for a terminal: a sentence when a part begins and one when it is there, none between.</summary>
/// <param name="sentences">Takes them.</param>
public sealed class PartSentences(IProgress<string> sentences) : IProgress<ModelProgress>
{
    private string? _begun;

    public void Report(ModelProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Step == PartStep.Ready)
            sentences.Report($"{value.Part.Name} is ready.");
        else if (value.Step == PartStep.Fetching && Interlocked.Exchange(ref _begun, value.Part.Id) != value.Part.Id)
            sentences.Report(string.Create(CultureInfo.InvariantCulture, $"Fetching {value.Part.Name}, {value.Part.Size / 1e6:0.0} MB…"));
    }
}
