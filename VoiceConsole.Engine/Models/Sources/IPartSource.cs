namespace VoiceConsole.Engine.Models.Sources;

/// <summary>Brings a part's archives onto the disk.</summary>
internal interface IPartSource
{
    /// <summary>Fetches all archives into the folder; returns the files in the order of the part's archives.</summary>
    /// <param name="part">What to fetch.</param>
    /// <param name="folder">Exists; what a broken fetch left in it may be taken up again.</param>
    /// <param name="fetched">Told how many bytes of all archives are there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ModelUnavailableException">It cannot be had; with the remedy.</exception>
    Task<IReadOnlyList<FetchedArchive>> FetchAsync(CatalogPart part, string folder, Action<long> fetched, CancellationToken cancellationToken);
}

/// <summary>A file that was fetched.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Version">Which version it is.</param>
/// <param name="Sha256">What it must have: the catalogue's, or for another version what the source's signed lists say.</param>
internal sealed record FetchedArchive(string File, string Version, string Sha256);
