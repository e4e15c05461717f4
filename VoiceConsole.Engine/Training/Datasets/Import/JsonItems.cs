using System.Runtime.CompilerServices;
using System.Text.Json;

namespace VoiceConsole.Engine.Training.Datasets.Import;

/// <summary>The items of a JSONL file, or of a file that is one JSON array.</summary>
internal static class JsonItems
{
    public static async IAsyncEnumerable<(long Number, JsonElement? Item, string? Problem)> ReadAsync(
        string file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (IsArray(file))
        {
            await foreach (var item in ReadArrayAsync(file, cancellationToken))
                yield return item;
            yield break;
        }

        await foreach (var (number, text, problem) in TextLines.ReadAsync(file, cancellationToken))
        {
            if (problem is not null)
                yield return (number, null, problem);
            else if (!string.IsNullOrWhiteSpace(text))
                yield return Parse(number, text);
        }
    }

    // An error in an array hides where the next item begins, so it ends the reading.
    private static async IAsyncEnumerable<(long, JsonElement?, string?)> ReadArrayAsync(string file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        await using var items = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(stream, DatasetJson.Line, cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (var number = 1L; ; number++)
        {
            try
            {
                if (!await items.MoveNextAsync())
                    yield break;
            }
            catch (JsonException error)
            {
                throw new InvalidDataException($"{Path.GetFileName(file)}, line {error.LineNumber + 1} {JsonProblem.Of(error)} Mend it, or write one item a line so that only broken lines are lost.", error);
            }

            yield return items.Current.GetRawText().Length > TextLines.MaxBytes
                ? (number, null, $"is longer than {TextLines.MaxBytes:N0} characters.")
                : (number, items.Current, null);
        }
    }

    private static (long, JsonElement?, string?) Parse(long number, string text)
    {
        try
        {
            return (number, JsonElement.Parse(text), null);
        }
        catch (JsonException error)
        {
            return (number, null, JsonProblem.Of(error));
        }
    }

    private static bool IsArray(string file)
    {
        using var reader = new StreamReader(file);
        int c;
        do
            c = reader.Read();
        while (c >= 0 && char.IsWhiteSpace((char)c));
        return c == '[';
    }
}
