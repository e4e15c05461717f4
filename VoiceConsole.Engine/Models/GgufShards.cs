using System.Globalization;
using System.Text.RegularExpressions;

namespace VoiceConsole.Engine.Models;

/// <summary>Large models come in several files, NAME-00001-of-00003.gguf and so on; the first stands for all of them.</summary>
internal static partial class GgufShards
{
    /// <summary>A later one: no model by itself.</summary>
    public static bool IsLater(string file) => Name().Match(file) is { Success: true } name && Number(name, "number") != 1;

    /// <summary>The file, and the others it needs.</summary>
    public static IReadOnlyList<string> Of(string file) => Name().Match(file) is { Success: true } name && Number(name, "number") == 1
        ? [.. Enumerable.Range(1, Number(name, "of")).Select(n => $"{name.Groups["name"].Value}-{n:00000}-of-{name.Groups["of"].Value}.gguf")]
        : [file];

    /// <summary>Bytes of all of them.</summary>
    /// <exception cref="InvalidDataException">One is not there.</exception>
    public static long Bytes(string file)
    {
        var all = Of(file);
        return all.FirstOrDefault(f => !File.Exists(f)) is { } missing
            ? throw new InvalidDataException($"{Path.GetFileName(file)} is one of {all.Count} files, and {Path.GetFileName(missing)} is not beside it. Fetch that, too.")
            : all.Sum(f => new FileInfo(f).Length);
    }

    private static int Number(Match name, string group) => int.Parse(name.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<name>.*)-(?<number>[0-9]{5})-of-(?<of>[0-9]{5})\.gguf$", RegexOptions.Singleline)]
    private static partial Regex Name();
}
