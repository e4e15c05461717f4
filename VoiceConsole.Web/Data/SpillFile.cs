using System.Text;
using System.Text.Json;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>
/// Events of one conversation that wait on disk because the database could not take them. One per line, in order; the file's
/// name says whose they are, so that nobody takes it from a process that still writes.
/// </summary>
/// <param name="paths">Whose data folder holds it.</param>
/// <param name="conversation">Whose events.</param>
/// <param name="owner">As <see cref="ConversationRow.Owner"/>.</param>
internal sealed class SpillFile(ConsolePaths paths, Guid conversation, string owner)
{
    /// <summary>In the data folder.</summary>
    public const string Folder = "spill";

    private const string Extension = ".jsonl";
    private const int BatchSize = 5000;

    private readonly string _path = Path.Combine(FolderOf(paths), $"{conversation:N}.{owner}{Extension}");

    public bool Exists => File.Exists(_path);

    /// <summary>Those whose process is no more.</summary>
    public static IReadOnlyList<SpillFile> Abandoned(ConsolePaths paths)
    {
        if (!Directory.Exists(FolderOf(paths)))
            return [];
        var files = new List<SpillFile>();
        foreach (var path in Directory.GetFiles(FolderOf(paths), "*" + Extension).Order(StringComparer.Ordinal))
        {
            if (Path.GetFileNameWithoutExtension(path).Split('.') is not [var id, var owner] || !Guid.TryParseExact(id, "N", out var conversation))
                continue;
            if (!ConversationOwner.IsAlive(owner))
                files.Add(new SpillFile(paths, conversation, owner));
        }

        return files;
    }

    /// <param name="recording">As <see cref="ConversationRow.Recording"/>.</param>
    /// <param name="events">In order, after those that are there.</param>
    /// <exception cref="IOException">The disk refuses; nothing of the batch counts as written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void Append(string? recording, IReadOnlyList<StoredEvent> events)
    {
        var lines = new StringBuilder();
        foreach (var (ordinal, turnEvent) in events)
            lines.Append(JsonSerializer.Serialize(new Line(recording, ordinal, StoredEvent.ToJson(turnEvent)))).Append('\n');
        Directory.CreateDirectory(FolderOf(paths));
        // Unbuffered: what a full disk has refused would stay in a buffer, to be refused again when it is cut off.
        using var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var before = stream.Length;
        try
        {
            stream.Write(Encoding.UTF8.GetBytes(lines.ToString()));
            stream.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            stream.SetLength(before);
            throw;
        }
    }

    /// <summary>Moves what is there into the database and deletes the file.</summary>
    /// <returns>How many events there were, and the name under which the file was kept because a line of it was cut off; else null.</returns>
    public async Task<(int Events, string? Damaged)> MoveToDatabaseAsync(Database database, CancellationToken cancellationToken)
    {
        var count = 0;
        var whole = true;
        var batch = new List<StoredEvent>();
        var source = new ConversationSource(conversation, null, owner);
        foreach (var text in File.ReadLines(_path))
        {
            if (Parse(text) is not var (line, turnEvent))
            {
                whole = false;
                break;
            }

            source = source with { Recording = line.Recording };
            batch.Add(new StoredEvent(line.Ordinal, turnEvent));
            count++;
            if (batch.Count < BatchSize)
                continue;
            await EventStore.WriteAsync(database, source, batch, cancellationToken);
            batch.Clear();
        }

        if (batch.Count > 0)
            await EventStore.WriteAsync(database, source, batch, cancellationToken);
        if (whole)
        {
            File.Delete(_path);
            return (count, null);
        }

        var damaged = _path + ".damaged";
        File.Move(_path, damaged, overwrite: true);
        return (count, damaged);
    }

    private static string FolderOf(ConsolePaths paths) => ConsolePaths.Inside(paths.Data, Folder);

    private static (Line Line, TurnEvent Event)? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(text) is { } line ? (line, StoredEvent.FromJson(line.Event)) : null;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    private sealed record Line(string? Recording, long Ordinal, string Event);
}
