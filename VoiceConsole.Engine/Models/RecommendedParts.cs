using VoiceConsole.Engine.Language;

namespace VoiceConsole.Engine.Models;

/// <summary>Which of the parts on offer suit a machine and a language better than what stands in for them.</summary>
public static class RecommendedParts
{
    private const long Megabyte = 1_000_000;

    // What the console itself and the rest of the machine go on with.
    private const long Reserve = 400 * Megabyte;

    // By size, the best first: from how many cores on it answers in time, and the memory it takes. Tiny reads a sentence in about a second on two cores.
    private static readonly (string Id, int Cores, long Memory)[] s_recognizers = [("ggml-small", 8, 1_200 * Megabyte), ("ggml-base", 4, 600 * Megabyte), ("ggml-tiny", 1, 400 * Megabyte)];
    private static readonly (string Id, int Cores, long Memory)[] s_models = [("qwen2.5-0.5b-instruct", 2, 1_000 * Megabyte)];
    private static readonly (string Id, int Cores, long Memory)[] s_english = [("en_US-hfc_female-medium", 1, 400 * Megabyte)], s_chinese = [("zh_CN-huayan-medium", 1, 400 * Megabyte)];

    /// <summary>
    /// The best recogniser, language model and voice that the machine can bear together, in the order in which they matter; what
    /// the catalogue does not have, or memory and disk do not hold beside those before it, is left out.
    /// </summary>
    /// <param name="catalog">What there is.</param>
    /// <param name="language">BCP 47 tag of what is spoken.</param>
    /// <param name="cores">Processor cores.</param>
    /// <param name="memory">Bytes of memory that are free.</param>
    /// <param name="disk">Bytes of disk that are free.</param>
    public static IReadOnlyList<CatalogPart> For(ModelCatalog catalog, string language, int cores, long memory, long disk)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(language);
        var chosen = new List<CatalogPart>();
        memory -= Reserve;
        foreach (var sizes in new[] { s_recognizers, s_models, SpokenLanguage.IsSame(language, "zh") ? s_chinese : SpokenLanguage.IsSame(language, "en") ? s_english : [] })
        {
            foreach (var (id, least, needed) in sizes)
            {
                if (least > cores || needed > memory || catalog.Here.FirstOrDefault(p => p.Id == id && p.IsForThisMachine) is not { } part || DiskSpace.NeededBy(part) > disk)
                    continue;
                chosen.Add(part);
                (memory, disk) = (memory - needed, disk - DiskSpace.NeededBy(part));
                break;
            }
        }

        return chosen;
    }

    /// <summary>The same for this machine, without what is installed, and without what nobody could check: its licence is not known either.</summary>
    /// <exception cref="InvalidDataException">The catalogue cannot be read.</exception>
    public static IReadOnlyList<CatalogPart> Missing(ModelStore store, string language)
    {
        ArgumentNullException.ThrowIfNull(store);
        Directory.CreateDirectory(store.Folder);
        return [.. For(store.Catalog, language, Environment.ProcessorCount, FreeMemory.Bytes, new DriveInfo(store.Folder).AvailableFreeSpace).Where(p => p.IsVerified && !store.StateOf(p).IsInstalled)];
    }
}
