using System.Buffers.Binary;
using Microsoft.EntityFrameworkCore;

namespace VoiceConsole.Web.Data;

/// <summary>Puts in order what a killed process left.</summary>
internal static class Recovery
{
    public const string EndReason = "the process ended during the conversation";
    public const string LostOutcome = "lost";
    private const int HeaderBytes = 44;

    /// <summary>Call once at start. Conversations of processes that still run, this one among them, are left alone.</summary>
    /// <exception cref="StorageException">The database refuses.</exception>
    public static async Task<RecoveryReport> RunAsync(Database database, CancellationToken cancellationToken = default)
    {
        try
        {
            return await RecoverAsync(database, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw StorageFault.Explain(error, database.File);
        }
    }

    private static async Task<RecoveryReport> RecoverAsync(Database database, CancellationToken cancellationToken)
    {
        var notices = new List<string>();
        var restored = 0;
        foreach (var spill in SpillFile.Abandoned(database.Paths))
        {
            var (events, damaged) = await spill.MoveToDatabaseAsync(database, cancellationToken);
            restored += events;
            if (damaged is not null)
                notices.Add($"The last of the events that waited in data/spill was cut off when the process ended. The file was kept as {damaged}.");
        }

        if (restored > 0)
            notices.Add($"{restored:N0} events that the database could not take before have been stored.");
        await using var context = database.CreateDbContext();
        var open = (await context.Conversations.Include(c => c.Turns.Where(t => t.Outcome == null)).Where(c => c.EndReason == null)
            .OrderBy(c => c.StartedAt).ToListAsync(cancellationToken)).FindAll(c => !ConversationOwner.IsAlive(c.Owner));
        var lost = 0;
        var repaired = 0;
        foreach (var conversation in open)
        {
            conversation.EndReason = EndReason;
            conversation.EndPosition = await context.Events.Where(e => e.ConversationId == conversation.Id)
                .MaxAsync(e => (long?)e.Position, cancellationToken) ?? 0;
            foreach (var turn in conversation.Turns.OrderBy(t => t.Number))
            {
                turn.Outcome = LostOutcome;
                turn.Problem ??= EndReason;
                lost++;
                notices.Add($"Turn {turn.Number} of the conversation of {conversation.StartedAt:yyyy-MM-dd HH:mm} UTC was cut off when the process ended.");
            }

            if (conversation.Turns.Count == 0)
                notices.Add($"The conversation of {conversation.StartedAt:yyyy-MM-dd HH:mm} UTC was open when the process ended; no turn was lost.");
            if (RecordingFolder.Own(database.Paths, conversation.Recording) is { } folder)
                repaired += Directory.GetFiles(folder, "*.wav").Count(file => TryRepairHeader(file, notices));
        }

        await context.SaveChangesAsync(cancellationToken);
        await WordIndex.CatchUpAsync(context, cancellationToken);
        if (repaired > 0)
            notices.Add($"{repaired} unfinished recordings were repaired and can be played to their end.");
        return new RecoveryReport(open.Count, lost, restored, repaired, notices);
    }

    // One file that cannot be changed must not keep the console from storing.
    private static bool TryRepairHeader(string path, List<string> notices)
    {
        try
        {
            return RepairHeader(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            notices.Add($"The unfinished recording {path} could not be repaired: {error.Message}");
            return false;
        }
    }

    /// <summary>Makes the lengths in a track's header those of the file.</summary>
    /// <returns>Whether they were wrong.</returns>
    internal static bool RepairHeader(string path)
    {
        // Only the form that WavWriter writes; a link or a foreign file is not ours to change.
        if (new FileInfo(path).LinkTarget is not null)
            return false;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes
            || !header[..4].SequenceEqual("RIFF"u8) || !header[8..16].SequenceEqual("WAVEfmt "u8) || !header[36..40].SequenceEqual("data"u8))
            return false;
        var data = (uint)Math.Min((stream.Length - HeaderBytes) & ~1L, uint.MaxValue - HeaderBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[40..]) == data)
            return false;
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], data + HeaderBytes - 8);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], data);
        stream.Position = 0;
        stream.Write(header);
        return true;
    }
}
