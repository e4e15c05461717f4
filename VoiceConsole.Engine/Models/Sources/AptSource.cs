namespace VoiceConsole.Engine.Models.Sources;

/// <summary>
/// Fetches Debian packages by apt without root: the machine's package lists where they know the packages, else lists of our
/// own. apt checks every package against its signed lists.
/// </summary>
/// <param name="tool">Runs it.</param>
/// <param name="state">Folder for lists and cache of our own.</param>
/// <param name="apt">The client; by default the one on the PATH.</param>
/// <param name="aptCache">Reads the lists; the same.</param>
internal sealed class AptSource(ToolRun tool, string state, string apt = "apt-get", string aptCache = "apt-cache") : IPartSource
{
    public async Task<IReadOnlyList<FetchedArchive>> FetchAsync(CatalogPart part, string folder, Action<long> fetched, CancellationToken cancellationToken)
    {
        string[] pinned = [.. part.Archives.Select(a => $"{a.Package}={a.Version}")];
        string[] newest = [.. part.Archives.Select(a => a.Package)];
        // What an earlier try left here may be of another version.
        foreach (var stale in Directory.GetFiles(folder, "*.deb"))
            File.Delete(stale);
        var problem = await DownloadAsync(pinned, ownLists: false);
        if (problem is not null)
        {
            foreach (var below in new[] { "lists/partial", "cache/archives/partial" })
                Directory.CreateDirectory(Path.Combine(state, below));
            var (code, _, error) = await tool.RunAsync(apt, [.. Options(ownLists: true), "update"], folder, () => FolderSize.Files(new DirectoryInfo(state), "*").Sum(), cancellationToken);
            problem = code != 0 ? ToolRun.LastLine(error) : await DownloadAsync(pinned, ownLists: true);
            // Debian replaces packages by security updates; what its lists vouch for is taken then.
            if (code == 0 && problem is not null)
                problem = await DownloadAsync(newest, ownLists: true);
            // apt passes over lists it cannot reach, and misses the packages then.
            if (problem is not null && error.Split('\n').FirstOrDefault(l => l.Contains("Failed to fetch", StringComparison.Ordinal)) is { } cause)
                problem = cause.Trim();
        }

        if (problem is not null)
            throw new ModelUnavailableException($"apt could not fetch {part.Name}: {problem}", "Check the network and the machine's package sources, then try again with 'models pull'.");
        fetched(part.Size);
        var archives = new List<FetchedArchive>();
        foreach (var archive in part.Archives)
            archives.Add(await LocateAsync(archive, folder, cancellationToken));
        return archives;

        async Task<string?> DownloadAsync(string[] packages, bool ownLists)
        {
            var (code, _, error) = await tool.RunAsync(apt, [.. Options(ownLists), "download", .. packages], folder, Measure, cancellationToken);
            return code == 0 ? null : ToolRun.LastLine(error);
        }

        long Measure()
        {
            var bytes = FolderSize.Files(new DirectoryInfo(folder), "*.deb").Sum();
            fetched(Math.Min(bytes, part.Size));
            return bytes;
        }
    }

    private string[] Options(bool ownLists)
    {
        string[] always = ["-q", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root"];
        return ownLists ? [.. always, "-o", $"Dir::State::Lists={state}/lists", "-o", $"Dir::Cache={state}/cache"] : always;
    }

    // apt writes name_version_architecture.deb, with the version's colon escaped.
    private async Task<FetchedArchive> LocateAsync(PartArchive archive, string folder, CancellationToken cancellationToken)
    {
        var file = Directory.GetFiles(folder, $"{archive.Package}_*.deb").FirstOrDefault()
            ?? throw new ModelUnavailableException($"apt left no file for {archive.Package}.", "Try again with 'models pull'.");
        var version = VersionOf(file);
        if (version == archive.Version)
            return new FetchedArchive(file, version, archive.Sha256);
        var (_, output, _) = await tool.RunAsync(aptCache, [.. Options(ownLists: true), "show", $"{archive.Package}={version}"], folder, () => 0, cancellationToken);
        var hash = output.Split('\n').FirstOrDefault(l => l.StartsWith("SHA256: ", StringComparison.Ordinal))?["SHA256: ".Length..].Trim();
        return hash is { Length: 64 }
            ? new FetchedArchive(file, version, hash)
            : throw new ModelUnavailableException($"apt fetched {archive.Package} {version}, and its lists do not say what that should be.", "Try again with 'models pull'.");
    }

    private static string VersionOf(string file) => Uri.UnescapeDataString(Path.GetFileName(file).Split('_')[1]);
}
