using System.Text.Json;

namespace VoiceConsole.Engine.Training.HuggingFace;

/// <summary>The JSON files in a model's folder, which are strangers' data.</summary>
internal static class ModelJson
{
    // The largest tokenizers have some tens of megabytes.
    private const long LongestFile = 200_000_000;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no JSON object, or far too long.</exception>
    public static JsonDocument Read(string folder, string name)
    {
        var file = ConsolePaths.Inside(folder, name);
        if (!File.Exists(file))
            throw new FileNotFoundException($"There is no {name} in {folder}. Fetch the whole model.");
        if (new FileInfo(file).Length > LongestFile)
            throw new InvalidDataException($"{name} has more than {LongestFile / 1_000_000} MB, which no model needs.");
        try
        {
            using var stream = File.OpenRead(file);
            var json = JsonDocument.Parse(stream);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return json;
            json.Dispose();
            throw new InvalidDataException($"{name} is no JSON object.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{name} is damaged: {JsonProblem(error)}", error);
        }
    }

    /// <summary>The file, or an empty object where there is none.</summary>
    public static JsonDocument ReadIfThere(string folder, string name) =>
        File.Exists(Path.Combine(folder, name)) ? Read(folder, name) : JsonDocument.Parse("{}");

    /// <summary>The value of a key; null where it is absent or null.</summary>
    public static JsonElement? Get(this JsonElement json, string key) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static string? Text(this JsonElement json, string key) => json.Get(key) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static bool? Flag(this JsonElement json, string key) => json.Get(key)?.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    public static double? Number(this JsonElement json, string key) => json.Get(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) ? number : null;

    public static int? Whole(this JsonElement json, string key) => json.Get(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : null;

    private static string JsonProblem(JsonException error) => $"it is no JSON from line {error.LineNumber + 1} on.";
}
