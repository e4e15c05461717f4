using System.IO.Compression;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Data;

/// <summary>Writes a stored conversation as a <see cref="Bundle"/>.</summary>
internal static class BundleWriter
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/conversations/{id:guid}/bundle", SendAsync);

    /// <param name="conversation">As the library opens it.</param>
    /// <param name="output">Written from its position on; need not be seekable.</param>
    public static async Task WriteAsync(Database database, StoredConversation conversation, Stream output, CancellationToken cancellationToken)
    {
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        var row = conversation.Row;
        var manifest = new BundleManifest(BundleManifest.TheFormat, Bundle.Version, row.Id, row.Rating, [.. row.Tags.Select(t => t.Tag).Order(StringComparer.Ordinal)]);
        await AddAsync(Bundle.ManifestName, JsonSerializer.Serialize(manifest, Bundle.Json));
        await AddAsync(Bundle.TranscriptLines, BundleTranscript.Lines(conversation));
        await AddAsync(Bundle.TranscriptSubtitles, BundleTranscript.Subtitles(conversation));
        await AddAsync(Bundle.TranscriptMarkdown, BundleTranscript.Markdown(conversation));
        await using (var events = await OpenAsync(Bundle.EventsName, CompressionLevel.Fastest))
        await using (var lines = new StreamWriter(events))
        {
            await using var context = database.CreateDbContext();
            await foreach (var json in context.Events.Where(e => e.ConversationId == row.Id).OrderBy(e => e.Ordinal).Select(e => e.Json).AsAsyncEnumerable().WithCancellation(cancellationToken))
                await lines.WriteAsync((json + "\n").AsMemory(), cancellationToken);
        }

        if (RecordingFolder.Own(database.Paths, row.Recording) is not { } folder)
            return;
        foreach (var track in Bundle.Tracks.Where(t => File.Exists(Path.Combine(folder, t))))
        {
            // Sound hardly becomes smaller, and whoever reads it can tell a bomb by that.
            await using var entry = await OpenAsync(Bundle.TracksFolder + track, CompressionLevel.NoCompression);
            await using var file = new FileStream(Path.Combine(folder, track), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await file.CopyToAsync(entry, cancellationToken);
        }

        Task<Stream> OpenAsync(string name, CompressionLevel level) => zip.CreateEntry(name, level).OpenAsync(cancellationToken);

        async Task AddAsync(string name, string text)
        {
            await using var writer = new StreamWriter(await OpenAsync(name, CompressionLevel.Optimal));
            await writer.WriteAsync(text.AsMemory(), cancellationToken);
        }
    }

    private static async Task<IResult> SendAsync(Guid id, HttpContext context, BrowserSessions browsers, ConversationLibrary library, ConversationStorage storage, CancellationToken cancelled)
    {
        if (browsers.Of(context) is null)
            return Results.Text("An export is for the browser that shows the conversation: open its page first.", statusCode: StatusCodes.Status403Forbidden);
        try
        {
            if (await library.OpenAsync(id, cancelled) is not { } conversation)
                return Results.NotFound();
            var database = await storage.RequireAsync(cancelled);
            return Results.File(await WriteFileAsync(database, conversation, cancelled), "application/zip", $"conversation-{conversation.Row.StartedAt:yyyyMMdd-HHmmss}.zip");
        }
        catch (StorageException error)
        {
            return Results.Text(error.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    // A whole file first: what fails is told before the answer has begun.
    private static async Task<FileStream> WriteFileAsync(Database database, StoredConversation conversation, CancellationToken cancellationToken)
    {
        FileStream? file = null;
        try
        {
            file = BundleFolder.CreateFile(database.Paths);
            await WriteAsync(database, conversation, file, cancellationToken);
            file.Position = 0;
            return file;
        }
        catch (Exception error)
        {
            if (file is not null)
                await file.DisposeAsync();
            if (error is OperationCanceledException)
                throw;
            throw StorageFault.Explain(error, database.Paths.Data);
        }
    }
}
