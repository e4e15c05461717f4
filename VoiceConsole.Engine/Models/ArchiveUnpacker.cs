using System.Formats.Tar;
using System.IO.Compression;
using System.IO.Enumeration;
using VoiceConsole.Engine.Models.Sources;

namespace VoiceConsole.Engine.Models;

/// <summary>Unpacks what was fetched. Nothing is written outside the folder given.</summary>
internal static class ArchiveUnpacker
{
    /// <param name="archive">A .tgz, a .deb, a .nupkg, or any other file, which is kept as it is.</param>
    /// <param name="folder">Where its content goes.</param>
    /// <param name="keep">Patterns of the paths that are kept; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidDataException">The archive is damaged, or an entry would lie outside the folder.</exception>
    public static async Task UnpackAsync(string archive, string folder, IReadOnlyList<string>? keep, CancellationToken cancellationToken)
    {
        switch (Path.GetExtension(archive))
        {
            case ".tgz":
                await UnpackTarAsync(archive, folder, keep, cancellationToken);
                break;
            case ".nupkg":
                await UnpackZipAsync(archive, folder, keep, cancellationToken);
                break;
            case ".deb":
                var (code, _, error) = await new ToolRun(TimeProvider.System).RunAsync("dpkg-deb", ["-x", archive, folder], folder, () => FolderSize.Files(new DirectoryInfo(folder), "*").Sum(), cancellationToken);
                if (code != 0)
                    throw new InvalidDataException($"{Path.GetFileName(archive)} cannot be unpacked: {ToolRun.LastLine(error)}");
                break;
            default:
                File.Copy(archive, Path.Combine(folder, Path.GetFileName(archive)), overwrite: true);
                break;
        }
    }

    private static async Task UnpackTarAsync(string archive, string folder, IReadOnlyList<string>? keep, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(archive);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && IsKept(entry.Name, keep))
                await entry.ExtractToFileAsync(TargetOf(archive, folder, entry.Name), overwrite: true, cancellationToken);
        }
    }

    private static async Task UnpackZipAsync(string archive, string folder, IReadOnlyList<string>? keep, CancellationToken cancellationToken)
    {
        await using var zip = await ZipFile.OpenReadAsync(archive, cancellationToken);
        foreach (var entry in zip.Entries)
        {
            // Folders end in a slash.
            if (entry.Name.Length > 0 && IsKept(entry.FullName, keep))
                await entry.ExtractToFileAsync(TargetOf(archive, folder, entry.FullName), overwrite: true, cancellationToken);
        }
    }

    private static bool IsKept(string name, IReadOnlyList<string>? keep) => keep is null || keep.Any(k => FileSystemName.MatchesSimpleExpression(k, name, ignoreCase: false));

    private static string TargetOf(string archive, string folder, string name)
    {
        try
        {
            var target = ConsolePaths.Inside(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            return target;
        }
        catch (UnauthorizedAccessException error)
        {
            throw new InvalidDataException($"{Path.GetFileName(archive)} wants to write '{name}' outside its folder. It was not unpacked.", error);
        }
    }
}
