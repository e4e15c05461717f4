namespace VoiceConsole.Engine.Models;

/// <summary>Which of the parts on offer suit a machine and a language better than what stands in for them.</summary>
public static class RecommendedParts
{
    private const long Gigabyte = 1_000_000_000;

    // By size: what a turn may cost in time and memory. Tiny reads a sentence in about a second on two cores.
    private static readonly (string Id, int Cores, long Memory)[] s_recognizers = [("ggml-small", 8, 4 * Gigabyte), ("ggml-base", 4, 2 * Gigabyte), ("ggml-tiny", 1, Gigabyte)];
    private static readonly (string Id, int Cores, long Memory)[] s_models = [("qwen2.5-0.5b-instruct", 2, 2 * Gigabyte)];

    /// <summary>The best recogniser and language model that the machine can bear; what the catalogue does not have, or the disk does not hold, is left out.</summary>
    /// <param name="catalog">What there is.</param>
    /// <param name="cores">Processor cores.</param>
    /// <param name="memory">Bytes of memory that are free.</param>
    /// <param name="disk">Bytes of disk that are free.</param>
    public static IReadOnlyList<CatalogPart> For(ModelCatalog catalog, int cores, long memory, long disk)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return [.. new[] { Best(s_recognizers), Best(s_models) }.OfType<CatalogPart>()];

        CatalogPart? Best((string Id, int Cores, long Memory)[] sizes) => sizes
            .Where(s => s.Cores <= cores && s.Memory <= memory)
            .Select(s => catalog.Here.FirstOrDefault(p => p.Id == s.Id && p.IsForThisMachine))
            .FirstOrDefault(p => p is not null && DiskSpace.NeededBy(p) <= disk);
    }
}
