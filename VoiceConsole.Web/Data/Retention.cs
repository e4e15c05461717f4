using Microsoft.EntityFrameworkCore;

namespace VoiceConsole.Web.Data;

/// <summary>Deletes the oldest conversations with their recordings, inside data/recordings only; never one that goes on.</summary>
internal sealed class Retention(Database database, RetentionOptions options, TimeProvider? time = null)
{
    // What a link leads to is not the recording's.
    private static readonly EnumerationOptions s_ownFiles = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <exception cref="StorageException">The database refuses.</exception>
    public async Task<RetentionReport> RunAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await RemoveAsync(cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw StorageFault.Explain(error, database.File);
        }
    }

    private async Task<RetentionReport> RemoveAsync(CancellationToken cancellationToken)
    {
        await using var context = database.CreateDbContext();
        var events = await context.Events.GroupBy(e => e.ConversationId)
            .Select(g => new { g.Key, Bytes = g.Sum(e => (long)e.Json.Length) }).ToDictionaryAsync(g => g.Key, g => g.Bytes, cancellationToken);
        var conversations = await context.Conversations.AsNoTracking().OrderBy(c => c.StartedAt).ToListAsync(cancellationToken);
        var sizes = conversations.ToDictionary(c => c.Id, c => events.GetValueOrDefault(c.Id) + SizeOf(c));
        var total = sizes.Values.Sum();
        var oldest = options.MaxAge is { } age ? _time.GetUtcNow() - age : DateTimeOffset.MinValue;
        var problems = new List<string>();
        var (count, bytes) = (0, 0L);
        foreach (var conversation in conversations.Where(c => c.EndReason is not null))
        {
            if (conversation.StartedAt >= oldest && !(total > options.MaxBytes))
                break;
            try
            {
                await ConversationEraser.EraseAsync(context, database.Paths, conversation, cancellationToken);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                problems.Add(ConversationEraser.Describe(conversation, error));
                continue;
            }

            total -= sizes[conversation.Id];
            bytes += sizes[conversation.Id];
            count++;
        }

        if (count > 0)
            await context.Database.ExecuteSqlRawAsync("PRAGMA incremental_vacuum", cancellationToken);
        return new RetentionReport(count, bytes, problems);
    }

    private long SizeOf(ConversationRow conversation) => RecordingFolder.Own(database.Paths, conversation.Recording) is { } folder
        ? new DirectoryInfo(folder).EnumerateFiles("*", s_ownFiles).Sum(f => f.Length)
        : 0;
}
