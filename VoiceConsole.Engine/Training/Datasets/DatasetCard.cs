namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>What a data set is made of: dataset.json.</summary>
/// <param name="Version">Of the format; 1.</param>
/// <param name="Records">Lines of records.jsonl.</param>
/// <param name="Bytes">UTF-8 bytes of their messages.</param>
public sealed record DatasetCard(int Version, string Name, int Records, long Bytes, IReadOnlyList<DatasetSource> Sources)
{
    public const int CurrentVersion = 1;
}

/// <summary>Where some of the records came from.</summary>
/// <param name="Skipped">Lines that were no records.</param>
public sealed record DatasetSource(string Source, string Licence, int Records, int Skipped);
