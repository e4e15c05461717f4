namespace VoiceConsole.Engine.Models;

/// <summary>How files were before they were loaded: what was written to meanwhile may be half of one model and half of another.</summary>
internal sealed class FileStamps
{
    private readonly (string File, long Length, DateTime Written)[] _stamps;

    /// <param name="files">Those that are to be loaded.</param>
    public FileStamps(params IEnumerable<string> files) => _stamps = [.. files.Select(Of)];

    /// <exception cref="InvalidDataException">A file is another one now.</exception>
    public void RequireSame()
    {
        if (_stamps.FirstOrDefault(s => Of(s.File) != s) is { File: { } changed })
            throw new InvalidDataException($"{Path.GetFileName(changed)} was written to while it was being loaded. Try again when all of it is there.");
    }

    private static (string, long, DateTime) Of(string file) =>
        new FileInfo(file) is { Exists: true } info ? (file, info.Length, info.LastWriteTimeUtc) : (file, -1, default);
}
