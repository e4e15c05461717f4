using VoiceConsole.Engine;

namespace VoiceConsole.Web.Data;

/// <summary>data/bundles: where bundles lie while they are written, received and unpacked, and not for longer.</summary>
internal static class BundleFolder
{
    public const string Name = "bundles";

    private const int BufferBytes = 256 * 1024;
    private static readonly TimeSpan s_stale = TimeSpan.FromDays(1);

    /// <summary>A new file that is deleted when it is closed.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static FileStream CreateFile(ConsolePaths paths) => new(
        Path.Combine(Open(paths), $"{Guid.NewGuid():N}.zip"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes, FileOptions.DeleteOnClose | FileOptions.Asynchronous);

    /// <summary>A new, empty folder; its maker deletes it.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static string CreateFolder(ConsolePaths paths) => Directory.CreateDirectory(Path.Combine(Open(paths), $"{Guid.NewGuid():N}")).FullName;

    private static string Open(ConsolePaths paths)
    {
        var folder = Directory.CreateDirectory(ConsolePaths.Inside(paths.Data, Name));
        // What a process that was killed has left.
        foreach (var old in folder.EnumerateFileSystemInfos().Where(e => e.LastWriteTimeUtc < DateTime.UtcNow - s_stale))
        {
            if (old is DirectoryInfo directory)
                directory.Delete(recursive: true);
            else
                old.Delete();
        }

        return folder.FullName;
    }
}
