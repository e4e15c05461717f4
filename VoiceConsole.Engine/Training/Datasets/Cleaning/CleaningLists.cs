using System.Text.Json;

namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>The lists and thresholds that cleaning goes by: files in Cleaning/Lists, each of which a folder of one's own may replace.</summary>
internal static class CleaningLists
{
    private const string Folder = "cleaning/";

    /// <summary>The folder has a list of this name.</summary>
    public static bool IsOwn(string name, string? folder) => folder is not null && File.Exists(Path.Combine(folder, name));

    /// <summary>A list as text.</summary>
    /// <param name="folder">Where one's own lists lie; null for the built-in ones.</param>
    public static string Text(string name, string? folder)
    {
        if (IsOwn(name, folder))
            return File.ReadAllText(Path.Combine(folder!, name));
        using var reader = new StreamReader(typeof(CleaningLists).Assembly.GetManifestResourceStream(Folder + name)!);
        return reader.ReadToEnd();
    }

    /// <exception cref="InvalidDataException">The file in the folder is not such a list.</exception>
    public static T Read<T>(string name, string? folder)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Text(name, folder), DatasetJson.Line) ?? throw new InvalidDataException($"The list {name} is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The list {name} cannot be read: it {JsonProblem.Of(error)}", error);
        }
    }
}
