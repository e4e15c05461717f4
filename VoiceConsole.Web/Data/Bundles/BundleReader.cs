using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>
/// Takes a <see cref="Bundle"/> into the library. It is a stranger's file: only known names are read, every limit counts the bytes
/// that really come out and not what headers claim, everything is checked before anything is stored, and what is stored is
/// written anew. Either all of it is taken or nothing.
/// </summary>
internal sealed class BundleReader(ConversationStorage storage, ConversationLibrary library)
{
    /// <summary>Of the file, and of the sound that comes out of it.</summary>
    public const long MostBytes = 4_000_000_000;

    private const int BatchSize = 5000;
    private const int MostManifest = 64 * 1024;
    private const int MostDirectory = 64 * 1024;

    /// <param name="bundle">Seekable.</param>
    /// <returns>The conversation's id.</returns>
    /// <exception cref="BundleException">It is not taken.</exception>
    /// <exception cref="StorageException">The database or the disk refuses.</exception>
    public async Task<Guid> ImportAsync(Stream bundle, CancellationToken cancellationToken = default)
    {
        var database = await storage.RequireAsync(cancellationToken);
        string? work = null;
        try
        {
            work = BundleFolder.CreateFolder(database.Paths);
            await using var zip = await OpenAsync(bundle, cancellationToken);
            return await TakeAsync(database, zip, work, cancellationToken);
        }
        catch (InvalidDataException error)
        {
            throw new BundleException($"The bundle is damaged or is no bundle: {error.Message}", error);
        }
        catch (Exception error) when (error is not (BundleException or OperationCanceledException))
        {
            throw StorageFault.Explain(error, work ?? database.Paths.Data);
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    private static async Task<ZipArchive> OpenAsync(Stream bundle, CancellationToken cancellationToken)
    {
        if (bundle.Length > MostBytes)
            throw new BundleException($"The file has {bundle.Length / 1e9:0.0} GB; at most {MostBytes / 1e9:0} GB are taken.");
        CheckDirectory(bundle);
        var zip = await ZipArchive.CreateAsync(bundle, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        var seen = new HashSet<string>();
        foreach (var entry in zip.Entries)
        {
            // The folder itself, as other programs write it.
            if (entry.FullName == Bundle.TracksFolder && entry.Length == 0)
                continue;
            if (!Bundle.Names.Contains(entry.FullName))
                throw new BundleException($"The bundle holds '{Shown(entry.FullName)}', which is no part of a conversation. Nothing was imported.");
            if (!seen.Add(entry.FullName))
                throw new BundleException($"The bundle holds {entry.FullName} twice. Nothing was imported.");
        }

        return zip;
    }

    // The library of zip files reads the whole list of contents, however long somebody has made it.
    private static void CheckDirectory(Stream bundle)
    {
        const int EndBytes = 22;
        var tail = new byte[(int)Math.Min(bundle.Length, EndBytes + ushort.MaxValue)];
        bundle.Position = bundle.Length - tail.Length;
        bundle.ReadExactly(tail);
        bundle.Position = 0;
        var end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || tail.Length - end < EndBytes)
            throw new BundleException("The file is no zip archive, or was cut off. Export the conversation again.");
        var directory = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        if (bundle.Length - tail.Length + end - directory is < 0 or > MostDirectory)
            throw new BundleException("The bundle's list of contents is far longer than a conversation's. Nothing was imported.");
    }

    private async Task<Guid> TakeAsync(Database database, ZipArchive zip, string work, CancellationToken cancellationToken)
    {
        var manifest = await ManifestAsync(zip, cancellationToken);
        var facts = new BundleFacts();
        await foreach (var turnEvent in BundleEvents.ReadAsync(Entry(zip, Bundle.EventsName), cancellationToken))
            facts.Add(turnEvent);
        var started = facts.Started ?? throw new BundleException($"{Bundle.EventsName} is empty. Nothing was imported.");
        if (started.Conversation != manifest.Conversation)
            throw new BundleException($"{Bundle.ManifestName} and {Bundle.EventsName} speak of different conversations. Nothing was imported.");
        if (await storage.RunAsync(context => context.Conversations.AnyAsync(c => c.Id == started.Conversation, cancellationToken), cancellationToken))
            throw new BundleException($"This conversation, of {started.StartedAt:yyyy-MM-dd HH:mm} UTC, is in the library already. Delete it there first, and wait until it is erased, to import it again.");

        // A small file can unpack to more than a disk holds: half of what is free is not a stranger's to fill.
        var room = Math.Min(MostBytes, new DriveInfo(work).AvailableFreeSpace / 2);
        foreach (var track in Bundle.Tracks)
        {
            if (zip.GetEntry(Bundle.TracksFolder + track) is not { } entry)
                continue;
            var file = Path.Combine(work, track);
            await BundleTracks.TakeAsync(entry, file, facts, room, cancellationToken);
            room -= new FileInfo(file).Length;
        }

        string? recording = null;
        if (Directory.EnumerateFiles(work, "*.wav").Any())
        {
            recording = ConsolePaths.Inside(database.Paths.Data, Path.Combine("recordings", $"imported-{Guid.NewGuid():N}"));
            Directory.CreateDirectory(Path.GetDirectoryName(recording)!);
            Directory.Move(work, recording);
        }

        try
        {
            await StoreAsync(database, zip, started.Conversation, RecordingFolder.ToStored(database.Paths, recording), facts, cancellationToken);
            await DescribeAsync(manifest, cancellationToken);
        }
        catch
        {
            await storage.RunAsync(context => context.Conversations.Where(c => c.Id == started.Conversation).ExecuteDeleteAsync(CancellationToken.None), CancellationToken.None);
            if (recording is not null)
                Directory.Delete(recording, recursive: true);
            throw;
        }

        return started.Conversation;
    }

    private static async Task StoreAsync(Database database, ZipArchive zip, Guid id, string? recording, BundleFacts facts, CancellationToken cancellationToken)
    {
        var source = new ConversationSource(id, recording, ConversationOwner.Current);
        var batch = new List<StoredEvent>();
        var ordinal = 0L;
        await foreach (var turnEvent in BundleEvents.ReadAsync(Entry(zip, Bundle.EventsName), cancellationToken))
        {
            batch.Add(new StoredEvent(ordinal++, turnEvent));
            if (batch.Count < BatchSize)
                continue;
            await EventStore.WriteAsync(database, source, batch, cancellationToken);
            batch.Clear();
        }

        // One that was exported while it went on ends where the bundle does.
        if (!facts.HasEnded)
            batch.Add(new StoredEvent(ordinal, new ConversationEnded(facts.LastPosition, "the bundle ends here")));
        if (batch.Count > 0)
            await EventStore.WriteAsync(database, source, batch, cancellationToken);
    }

    private async Task DescribeAsync(BundleManifest manifest, CancellationToken cancellationToken)
    {
        if (manifest.Rating is >= 1 and <= 5)
            await library.RateAsync(manifest.Conversation, manifest.Rating, cancellationToken);
        foreach (var tag in (manifest.Tags ?? []).Where(t => t is { Length: > 0 and <= ConversationLibrary.MaxTag }).Take(ConversationLibrary.MaxTags))
        {
            if (!string.IsNullOrWhiteSpace(tag))
                await library.TagAsync(manifest.Conversation, tag, cancellationToken);
        }
    }

    private static async Task<BundleManifest> ManifestAsync(ZipArchive zip, CancellationToken cancellationToken)
    {
        await using var stream = new LimitedStream(await Entry(zip, Bundle.ManifestName).OpenAsync(cancellationToken), MostManifest, Bundle.ManifestName);
        try
        {
            var manifest = await JsonSerializer.DeserializeAsync<BundleManifest>(stream, Bundle.Json, cancellationToken);
            return manifest is { Format: BundleManifest.TheFormat, Version: > 0 and <= Bundle.Version } ? manifest
                : throw new BundleException(manifest?.Format == BundleManifest.TheFormat
                    ? $"The bundle is of version {manifest.Version}; this console reads up to {Bundle.Version}. Use a newer console."
                    : $"{Bundle.ManifestName} does not say that this is a conversation of the console's. Nothing was imported.");
        }
        catch (JsonException error)
        {
            throw new BundleException($"{Bundle.ManifestName} cannot be read: {error.Message} Nothing was imported.", error);
        }
    }

    private static ZipArchiveEntry Entry(ZipArchive zip, string name) =>
        zip.GetEntry(name) ?? throw new BundleException($"The bundle has no {name}: it is not a conversation that the console exported. Nothing was imported.");

    private static string Shown(string name) => name.Length > 80 ? name[..80] + "…" : name;
}
