namespace VoiceConsole.Engine.Models.Sources;

/// <summary>Takes files that lie on this machine, by a path in models/ or an absolute one.</summary>
internal sealed class FileSource(string models) : IPartSource
{
    public Task<IReadOnlyList<FetchedArchive>> FetchAsync(CatalogPart part, string folder, Action<long> fetched, CancellationToken cancellationToken)
    {
        var archives = new List<FetchedArchive>();
        foreach (var archive in part.Archives)
        {
            var from = Path.GetFullPath(archive.Package, models);
            if (!File.Exists(from))
                throw new ModelUnavailableException($"{part.Name} should be at {archive.Package}, and is not.", "Put the file there, or correct models/catalog.json.");
            var to = Path.Combine(folder, Path.GetFileName(from));
            File.Copy(from, to, overwrite: true);
            archives.Add(new FetchedArchive(to, archive.Version, archive.Sha256));
            fetched(part.Archives.Take(archives.Count).Sum(a => a.Size));
        }

        return Task.FromResult<IReadOnlyList<FetchedArchive>>(archives);
    }
}
