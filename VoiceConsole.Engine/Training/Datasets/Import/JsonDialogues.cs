using System.Runtime.CompilerServices;
using System.Text.Json;

namespace VoiceConsole.Engine.Training.Datasets.Import;

/// <summary>Conversations in the JSON of other tools.</summary>
internal static class JsonDialogues
{
    public static async IAsyncEnumerable<Dialogue> ReadAsync(
        string file, DatasetFormat format, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (number, item, problem) in JsonItems.ReadAsync(file, cancellationToken))
        {
            if (item is not { } found)
                yield return Dialogue.Broken(number, problem!);
            else if (found.ValueKind != JsonValueKind.Object)
                yield return Dialogue.Broken(number, "is not a JSON object.");
            else if (format == DatasetFormat.Alpaca)
                yield return Alpaca(number, found);
            else
                yield return format == DatasetFormat.ShareGpt ? List(number, found, "conversations", "from", "value") : List(number, found, "messages", "role", "content");
        }
    }

    private static Dialogue List(long number, JsonElement item, string list, string role, string content)
    {
        if (!item.TryGetProperty(list, out var messages) || messages.ValueKind != JsonValueKind.Array)
            return Dialogue.Broken(number, $"has no list '{list}'.");
        var found = new List<DatasetMessage>();
        // Some ShareGPT files keep the system message beside the list.
        if (Text(item, "system") is { Length: > 0 } system)
            found.Add(new DatasetMessage(DatasetMessage.System, system));
        foreach (var message in messages.EnumerateArray())
        {
            if (Text(message, role) is not { } name || Text(message, content) is not { } text)
                return Dialogue.Broken(number, $"has a message without '{role}' or '{content}'.");
            if (Dialogue.RoleOf(name) is not { } known)
                return Dialogue.Broken(number, "has a message of a role that is neither system, user nor assistant.");
            found.Add(new DatasetMessage(known, text));
        }

        return new Dialogue(number, found, null);
    }

    private static Dialogue Alpaca(long number, JsonElement item)
    {
        if (Text(item, "instruction") is not { } instruction || Text(item, "output") is not { } output)
            return Dialogue.Broken(number, "has no 'instruction' or 'output'.");
        var input = Text(item, "input");
        var asked = string.IsNullOrWhiteSpace(input) ? instruction : $"{instruction}\n{input}";
        return new Dialogue(number, [new DatasetMessage(DatasetMessage.User, asked), new DatasetMessage(DatasetMessage.Assistant, output)], null);
    }

    private static string? Text(JsonElement item, string key) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
