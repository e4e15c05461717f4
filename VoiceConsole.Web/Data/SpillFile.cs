using System.Text.Json;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>Events of one conversation that wait on disk because the database could not take them. One per line, in order.</summary>
internal sealed class SpillFile(Database database, Guid conversation)
{
    private const string Folder = "spill";
    private const int BatchSize = 5000;

    private readonly string _path = Path.Combine(FolderOf(database), $"{conversation:N}.jsonl");

    public bool Exists => File.Exists(_path);

    /// <summary>Conversations that have one.</summary>
    public static IEnumerable<Guid> Conversations(Database database) =>
        !Directory.Exists(FolderOf(database)) ? [] : Directory.GetFiles(FolderOf(database), "*.jsonl")
            .Select(f => Guid.TryParseExact(Path.GetFileNameWithoutExtension(f), "N", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty);

    /// <exception cref="IOException">The disk refuses; nothing of the batch counts as written.</exception>
    public void Append(ConversationSource source, IReadOnlyList<StoredEvent> events)
    {
        Directory.CreateDirectory(FolderOf(database));
        using var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        var before = stream.Length;
        try
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            foreach (var (ordinal, turnEvent) in events)
                writer.WriteLine(JsonSerializer.Serialize(new Line(source.Recording, source.Owner, ordinal, StoredEvent.ToJson(turnEvent))));
            writer.Flush();
            stream.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            stream.SetLength(before);
            throw;
        }
    }

    /// <summary>Moves what is there into the database and deletes the file. A line that was cut off ends it; the file is then kept under another name.</summary>
    /// <returns>How many events there were.</returns>
    public async Task<int> MoveToDatabaseAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        var whole = true;
        var batch = new List<StoredEvent>();
        var source = new ConversationSource(conversation, null, "");
        foreach (var text in File.ReadLines(_path))
        {
            if (Parse(text) is not var (line, turnEvent))
            {
                whole = false;
                break;
            }

            source = new ConversationSource(conversation, line.Recording, line.Owner);
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
            File.Delete(_path);
        else
            File.Move(_path, _path + ".damaged", overwrite: true);
        return count;
    }

    private static string FolderOf(Database database) => Path.Combine(database.Paths.Data, Folder);

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

    private sealed record Line(string? Recording, string Owner, long Ordinal, string Event);
}
