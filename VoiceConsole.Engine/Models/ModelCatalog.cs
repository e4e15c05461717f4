using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceConsole.Engine.Models;

/// <summary>What can be fetched: the entries of models/catalog.json.</summary>
/// <param name="Parts">In the file's order.</param>
public sealed record ModelCatalog(IReadOnlyList<CatalogPart> Parts)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <exception cref="InvalidDataException">The file is missing or makes no sense; the message says where.</exception>
    public static ModelCatalog Read(string file)
    {
        ModelCatalog? catalog;
        try
        {
            catalog = JsonSerializer.Deserialize<ModelCatalog>(File.ReadAllText(file), s_json);
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            throw new InvalidDataException($"The catalogue {file} cannot be read: {error.Message} Restore it with 'git checkout models/catalog.json'.", error);
        }

        foreach (var part in catalog?.Parts ?? throw new InvalidDataException($"The catalogue {file} is empty."))
        {
            if (part.Id.Length == 0 || part.Id.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')) || part.Id.StartsWith('.'))
                throw new InvalidDataException($"The catalogue {file} has a part with the id '{part.Id}'; ids are made of letters, digits, dots, dashes and underscores.");
            // What nobody here has seen has no hash: it may be offered, but is not fetched by itself.
            if (part.Archives.Count == 0 || part.Archives.Any(a => a.Sha256.Length != 64 && !(a.Sha256.Length == 0 && part is { Optional: true, Source: PartSource.Https or PartSource.File })))
                throw new InvalidDataException($"The catalogue {file} names no archive with a SHA-256 for '{part.Id}'.");
            if (part.Source == PartSource.Https && part.Archives.Any(a => !Uri.TryCreate(a.Package, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps))
                throw new InvalidDataException($"The catalogue {file} has no https address for '{part.Id}'.");
        }

        // A part has one entry for all platforms, or one for each.
        if (catalog.Parts.GroupBy(p => p.Id).FirstOrDefault(g => g.Count() > 1 && (g.Any(p => p.Platform is null) || g.DistinctBy(p => p.Platform).Count() < g.Count())) is { } twice)
            throw new InvalidDataException($"The catalogue {file} has '{twice.Key}' more than once for one platform.");
        foreach (var part in catalog.Parts)
            catalog.CheckNeeds(file, part, []);
        return catalog;
    }

    /// <summary>The runtime identifier of this machine, for example "linux-x64".</summary>
    public static string ThisPlatform { get; } =
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")
        + (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "-arm64" : "-x64");

    /// <summary>Each part once: its entry for this machine where there is one.</summary>
    public IReadOnlyList<CatalogPart> Here => [.. Parts.Select(p => p.Id).Distinct().Select(id => Find(id))];

    /// <summary>The part's entry for this machine, or for another one when it has none for this.</summary>
    /// <exception cref="ModelUnavailableException">There is none of that id.</exception>
    public CatalogPart Find(string id) =>
        Parts.Where(p => p.Id == id).MaxBy(p => p.IsForThisMachine)
        ?? throw new ModelUnavailableException($"The catalogue has no part '{id}'.", "See what there is with 'models list'.");

    /// <summary>Whether a file or part is one of the models that were made for adult content, by its name.</summary>
    public bool IsAdult(string file) => Parts.Any(p => p.Adult && (p.Id == file || p.Archives.Any(a => Path.GetFileName(a.Package).Equals(Path.GetFileName(file), StringComparison.OrdinalIgnoreCase))));

    /// <summary>The part that an engine comes from: its id is the part's, with what is chosen in it after a dash. flite-slt is the voice slt of flite.</summary>
    public CatalogPart? PartOf(string engine) =>
        Here.Where(p => engine == p.Id || engine.StartsWith(p.Id + "-", StringComparison.Ordinal)).MaxBy(p => p.Id.Length);

    /// <summary>These parts and all that they need, each once and after what it needs.</summary>
    /// <exception cref="ModelUnavailableException">There is none of such an id.</exception>
    public IReadOnlyList<CatalogPart> WithNeeds(IEnumerable<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return [.. ids.Select(Find).SelectMany(p => WithNeeds(p.Needs ?? []).Append(p)).DistinctBy(p => p.Id)];
    }

    private void CheckNeeds(string file, CatalogPart part, HashSet<string> path)
    {
        if (!path.Add(part.Id))
            throw new InvalidDataException($"The catalogue {file} has a circle of needs through '{part.Id}'.");
        foreach (var need in part.Needs ?? [])
            CheckNeeds(file, Parts.FirstOrDefault(p => p.Id == need) ?? throw new InvalidDataException($"The catalogue {file} has no part '{need}', which '{part.Id}' needs."), path);
        path.Remove(part.Id);
    }
}

/// <summary>One part: a native library or a model.</summary>
/// <param name="Id">Its folder under models/.</param>
/// <param name="Kind">"native", "vad", "asr", "tts", "canceller" or "llm".</param>
/// <param name="Name">For people.</param>
/// <param name="Licence">SPDX name, or in words.</param>
/// <param name="Source">Which client fetches it.</param>
/// <param name="Archives">All of them are unpacked into the one folder.</param>
/// <param name="Platform">Runtime identifier it is for; null for any. A part may have an entry for each of several platforms.</param>
/// <param name="Needs">Ids of the parts its files link to.</param>
/// <param name="Keep">Paths in the archive that are kept, with * for any characters; null for all.</param>
/// <param name="Weaken">Undefined symbols with this prefix become weak (see <see cref="ElfSymbols"/>).</param>
/// <param name="StandInFor">What would be used here if it could be had.</param>
/// <param name="Optional">Fetched only when it is asked for by its name.</param>
/// <param name="Adult">Made for adult content: shown only to those who ask for such models.</param>
public sealed record CatalogPart(
    string Id, string Kind, string Name, string Licence, PartSource Source, IReadOnlyList<PartArchive> Archives,
    string? Platform = null, IReadOnlyList<string>? Needs = null, IReadOnlyList<string>? Keep = null, string? Weaken = null,
    string? StandInFor = null, bool Optional = false, bool Adult = false)
{
    /// <summary>Whether what is fetched can be checked against the catalogue.</summary>
    public bool IsVerified => Archives.All(a => a.Sha256.Length > 0);

    /// <summary>Somewhere to fetch it from; false for one that its user must bring along.</summary>
    public bool HasHome => Source != PartSource.File || IsVerified;

    /// <summary>Bytes to fetch; about as many where they cannot be checked.</summary>
    public long Size => Archives.Sum(a => a.Size);

    public bool IsForThisMachine => Platform is null || Platform == ModelCatalog.ThisPlatform;
}

/// <summary>One file to fetch.</summary>
/// <param name="Package">The package's name; for https the address, for file the path.</param>
/// <param name="Version">As its registry names it; empty for https and file.</param>
/// <param name="Sha256">Of the file as fetched, in hexadecimal; empty where nobody who wrote the catalogue could fetch it.</param>
/// <param name="Size">In bytes; about, where there is no hash.</param>
public sealed record PartArchive(string Package, string Version, string Sha256, long Size);

public enum PartSource
{
    Npm,
    Apt,
    NuGet,
    Https,
    File,
}
