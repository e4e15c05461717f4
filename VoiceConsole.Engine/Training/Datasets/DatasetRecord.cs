namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>One conversation of a data set: a line of its JSONL files.</summary>
/// <param name="Id">Unique in its data set.</param>
/// <param name="Messages">In order; the last is the assistant's.</param>
/// <param name="Language">"en", "zh", or "" while nobody has looked.</param>
/// <param name="Source">Where it came from: "own", "conversations" or a file's name.</param>
/// <param name="Licence">SPDX identifier, or the words of whoever collected it.</param>
/// <param name="Provenance">What in the source it is: a line, a stored conversation, a generator's seed.</param>
/// <param name="Tags">Free words; the project's own data name the intent of each user message, in order.</param>
public sealed record DatasetRecord(
    string Id, IReadOnlyList<DatasetMessage> Messages, string Language, string Source, string Licence, string Provenance, IReadOnlyList<string> Tags)
{
    /// <summary>Characters of all messages.</summary>
    public int Characters() => Messages.Sum(m => m.Content.Length);
}
