using System.Formats.Tar;
using System.IO.Compression;
using System.IO.Enumeration;
using VoiceConsole.Engine.Models.Sources;

namespace VoiceConsole.Engine.Models;

/// <summary>Unpacks what was fetched. Nothing is written outside the folder given.</summary>
internal static class ArchiveUnpacker
{
    /// <param name="archive">A .tgz, a .deb, or any other file, which is kept as it is.</param>
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
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || (keep is not null && !keep.Any(k => FileSystemName.MatchesSimpleExpression(k, entry.Name, ignoreCase: false))))
                continue;
            string target;
            try
            {
                target = ConsolePaths.Inside(folder, entry.Name);
            }
            catch (UnauthorizedAccessException error)
            {
                throw new InvalidDataException($"{Path.GetFileName(archive)} wants to write '{entry.Name}' outside its folder. It was not unpacked.", error);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await entry.ExtractToFileAsync(target, overwrite: true, cancellationToken);
        }
    }
}
