using System.Runtime.CompilerServices;
using System.Text.Json;

namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>Reads and writes JSONL files of <see cref="DatasetRecord"/>, a line at a time.</summary>
public static class DatasetFile
{
    /// <summary>Every line that is not blank, as a record or with what is wrong with it.</summary>
    /// <exception cref="InvalidDataException">The file is UTF-16.</exception>
    public static async IAsyncEnumerable<DatasetLine> ReadAsync(string file, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var (number, text, problem) in TextLines.ReadAsync(file, cancellationToken))
        {
            if (problem is not null)
                yield return new DatasetLine(number, null, problem);
            else if (!string.IsNullOrWhiteSpace(text))
                yield return Parse(number, text);
        }
    }

    /// <summary>Every record.</summary>
    /// <exception cref="InvalidDataException">A line is broken; the message names it.</exception>
    public static async IAsyncEnumerable<DatasetRecord> ReadRecordsAsync(string file, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var line in ReadAsync(file, cancellationToken))
            yield return line.Record ?? throw new InvalidDataException($"{Path.GetFileName(file)}, line {line.Number} {line.Problem}");
    }

    /// <summary>Writes the records; the file is there when all of them are.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> WriteAsync(string file, IAsyncEnumerable<DatasetRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        await using var writer = new DatasetWriter(file);
        await foreach (var record in records.WithCancellation(cancellationToken))
            await writer.WriteAsync(record, cancellationToken);
        await writer.CompleteAsync();
        return writer.Count;
    }

    private static DatasetLine Parse(long number, string text)
    {
        try
        {
            var record = JsonSerializer.Deserialize<DatasetRecord>(text, DatasetJson.Line);
            if (record is not { Id: not null, Messages: not null, Language: not null, Source: not null, Licence: not null, Provenance: not null, Tags: not null })
                return new DatasetLine(number, null, "lacks one of id, messages, language, source, licence, provenance, tags.");
            return RecordRules.Problem(record) is { } problem ? new DatasetLine(number, null, problem) : new DatasetLine(number, record, null);
        }
        catch (JsonException error)
        {
            return new DatasetLine(number, null, JsonProblem.Of(error));
        }
    }
}
