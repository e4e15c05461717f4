using VoiceConsole.Engine;

namespace VoiceConsole.Web.Commands.Train;

/// <summary>Model files that commands write, which lie inside models/.</summary>
internal static class ModelFile
{
    private const string Extension = ".gguf";

    /// <param name="name">A path inside models/, or a bare name for a file there.</param>
    /// <exception cref="ArgumentException">It is no .gguf file.</exception>
    /// <exception cref="UnauthorizedAccessException">It lies elsewhere.</exception>
    public static string ToWrite(ConsolePaths paths, string name)
    {
        if (Path.GetExtension(name) != Extension)
            throw new ArgumentException($"'{name}' must end in {Extension}.");
        var file = ConsolePaths.Inside(paths.Models, Path.GetFileName(name) == name ? name : Path.GetFullPath(name));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return file;
    }
}
