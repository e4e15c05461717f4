using System.Text.Json;
using System.Text.RegularExpressions;
using VoiceConsole.Engine.Training.Datasets.Cleaning;

namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>One data set on disk: data/datasets/NAME. FORMAT.md beside this file describes what lies in it.</summary>
public sealed partial class DatasetFolder
{
    private const string Parent = "datasets";
    private readonly string _folder;

    private DatasetFolder(string name, string folder) => (Name, _folder) = (name, folder);

    public string Name { get; }

    /// <summary>All that was collected.</summary>
    public string Records => Path.Combine(_folder, "records.jsonl");

    /// <summary>What cleaning kept, to learn from.</summary>
    public string Train => Path.Combine(_folder, "train.jsonl");

    /// <summary>What cleaning kept, to measure with.</summary>
    public string Validation => Path.Combine(_folder, "validation.jsonl");

    /// <summary>What cleaning removed and why, for machines.</summary>
    public string Report => Path.Combine(_folder, "report.json");

    /// <summary>The same for people.</summary>
    public string ReadableReport => Path.Combine(_folder, "report.txt");

    internal string Card => Path.Combine(_folder, "dataset.json");

    public bool Exists => File.Exists(Records);

    /// <param name="name">Lower-case letters, digits, '-', '_' and '.'; begins with a letter or digit.</param>
    /// <exception cref="ArgumentException">Another name.</exception>
    public static DatasetFolder Of(ConsolePaths paths, string name)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (!Name_().IsMatch(name))
            throw new ArgumentException($"'{name}' cannot be a data set's name: lower-case letters, digits, '-', '_' and '.' are allowed, up to 64.");
        return new DatasetFolder(name, ConsolePaths.Inside(paths.Data, Path.Combine(Parent, name)));
    }

    /// <summary>The data set of this name.</summary>
    /// <exception cref="FileNotFoundException">There is none; the message names those there are.</exception>
    public static DatasetFolder Require(ConsolePaths paths, string name)
    {
        var folder = Of(paths, name);
        if (folder.Exists)
            return folder;
        var others = List(paths);
        throw new FileNotFoundException($"There is no data set '{name}' in data/{Parent}. " +
            (others.Count == 0 ? "Make one with 'train collect'." : $"There are: {string.Join(", ", others)}."));
    }

    /// <summary>Names of all data sets, sorted.</summary>
    public static IReadOnlyList<string> List(ConsolePaths paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var parent = Path.Combine(paths.Data, Parent);
        if (!Directory.Exists(parent))
            return [];
        return [.. Directory.GetDirectories(parent).Select(f => Path.GetFileName(f)).Where(n => Name_().IsMatch(n) && Of(paths, n).Exists).Order(StringComparer.Ordinal)];
    }

    internal void Create() => Directory.CreateDirectory(_folder);

    /// <summary>What is known about the data set as a whole.</summary>
    public async Task<DatasetCard> ReadCardAsync(CancellationToken cancellationToken = default)
    {
        await using var stream = File.OpenRead(Card);
        try
        {
            return await JsonSerializer.DeserializeAsync<DatasetCard>(stream, DatasetJson.Page, cancellationToken)
                ?? throw new InvalidDataException($"{Card} is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{Card} is not a data set's card. Delete the folder and collect again.", error);
        }
    }

    /// <summary>What cleaning made of it; null before it was cleaned.</summary>
    /// <exception cref="InvalidDataException">The report is damaged.</exception>
    public async Task<CleaningReport?> ReadReportAsync(CancellationToken cancellationToken = default)
    {
        if (!File.Exists(Report))
            return null;
        await using var stream = File.OpenRead(Report);
        try
        {
            return await JsonSerializer.DeserializeAsync<CleaningReport>(stream, DatasetJson.Page, cancellationToken);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{Report} is damaged. Clean the data set again.", error);
        }
    }

    /// <summary>The languages of what there is to learn from, sorted; none before it was cleaned, if nobody named them.</summary>
    public async Task<IReadOnlyList<string>> LanguagesAsync(CancellationToken cancellationToken = default)
    {
        var languages = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var record in DatasetFile.ReadRecordsAsync(File.Exists(Train) ? Train : Records, cancellationToken))
            languages.Add(record.Language);
        languages.Remove("");
        return [.. languages];
    }

    internal Task WriteCardAsync(DatasetCard card, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(Card, JsonSerializer.Serialize(card, DatasetJson.Page) + "\n", cancellationToken);

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,63}$")]
    private static partial Regex Name_();
}
