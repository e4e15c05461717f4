using System.Runtime.CompilerServices;
using System.Text.Json;

namespace VoiceConsole.Engine.Training.Datasets.Import;

/// <summary>Reads conversations out of files of other kinds.</summary>
public static class DatasetImport
{
    private static readonly Dictionary<string, DatasetFormat> s_keys = new()
    {
        ["messages"] = DatasetFormat.Messages,
        ["conversations"] = DatasetFormat.ShareGpt,
        ["instruction"] = DatasetFormat.Alpaca,
    };

    /// <summary>Every conversation in the file, and what is wrong with the lines that hold none. One item is held in memory at a time.</summary>
    /// <param name="licence">Of the file; null when each of its records names its own, as the project's own format does.</param>
    /// <exception cref="InvalidDataException">The file as a whole cannot be read; the message says why.</exception>
    /// <exception cref="ArgumentException">The file needs a licence and none was given.</exception>
    public static async IAsyncEnumerable<DatasetLine> ReadAsync(
        string file, DatasetFormat format, string? licence, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!File.Exists(file))
            throw new FileNotFoundException($"There is no file {file}.");
        if (format == DatasetFormat.Auto)
            format = await DetectAsync(file, cancellationToken);
        if (format == DatasetFormat.Records)
        {
            await foreach (var line in DatasetFile.ReadAsync(file, cancellationToken))
                yield return line;
            yield break;
        }

        if (string.IsNullOrWhiteSpace(licence))
            throw new ArgumentException($"{Path.GetFileName(file)} does not say its licence. Give it with --licence, for example --licence CC-BY-4.0.");
        var source = Path.GetFileName(file);
        var items = format switch
        {
            DatasetFormat.Csv => CsvDialogues.Read(file).ToAsyncEnumerable(),
            DatasetFormat.Dialogue => PlainDialogues.ReadAsync(file, cancellationToken),
            _ => JsonDialogues.ReadAsync(file, format, cancellationToken),
        };
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            if (item.Problem is not null)
            {
                yield return new DatasetLine(item.Number, null, item.Problem);
                continue;
            }

            var record = new DatasetRecord($"{source}:{item.Number}", item.Messages, "", source, licence, $"line {item.Number}", []);
            yield return RecordRules.Problem(record) is { } problem
                ? new DatasetLine(item.Number, null, problem)
                : new DatasetLine(item.Number, record, null);
        }
    }

    private static async Task<DatasetFormat> DetectAsync(string file, CancellationToken cancellationToken)
    {
        switch (Path.GetExtension(file).ToLowerInvariant())
        {
            case ".csv": return DatasetFormat.Csv;
            case ".txt" or ".md": return DatasetFormat.Dialogue;
        }

        await foreach (var (_, item, _) in JsonItems.ReadAsync(file, cancellationToken))
        {
            if (item is not { ValueKind: JsonValueKind.Object } first)
                continue;
            if (first.TryGetProperty("provenance", out _) && first.TryGetProperty("messages", out _))
                return DatasetFormat.Records;
            foreach (var (key, format) in s_keys)
            {
                if (first.TryGetProperty(key, out _))
                    return format;
            }
        }

        throw new InvalidDataException($"What kind of data {Path.GetFileName(file)} holds cannot be told. Name it with --format: {string.Join(", ", Enum.GetNames<DatasetFormat>().Skip(1)).ToLowerInvariant()}.");
    }
}
