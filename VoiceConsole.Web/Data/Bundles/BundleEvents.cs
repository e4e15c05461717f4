using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>Reads a bundle's events one by one, within limits.</summary>
internal static class BundleEvents
{
    /// <summary>Bytes of all events.</summary>
    public const long MostBytes = 1_000_000_000;

    public const int MostEvents = 5_000_000;

    /// <summary>Characters of one event.</summary>
    public const int MostLine = 1_000_000;

    // Events of ordinary conversations become about twenty times smaller.
    private const int MostRatio = 200;
    private const int RatioMatters = 1_000_000;

    /// <exception cref="BundleException">One cannot be read, or there are too many.</exception>
    public static async IAsyncEnumerable<TurnEvent> ReadAsync(ZipArchiveEntry entry, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var most = Math.Min(MostBytes, Math.Max(RatioMatters, entry.CompressedLength * MostRatio));
        await using var stream = new LimitedStream(await entry.OpenAsync(cancellationToken), most, entry.FullName);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var count = 0;
        await foreach (var line in LinesAsync(reader, entry.FullName, cancellationToken))
        {
            if (++count > MostEvents)
                throw new BundleException($"{entry.FullName} holds more than {MostEvents:N0} events. Nothing was imported.");
            yield return Parse(line, count);
        }
    }

    private static TurnEvent Parse(string line, int number)
    {
        try
        {
            return StoredEvent.FromJson(line);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new BundleException($"Line {number} of {Bundle.EventsName} is no event of this version: {error.Message} Nothing was imported.", error);
        }
    }

    // ReadLine would take a line of any length into memory.
    private static async IAsyncEnumerable<string> LinesAsync(StreamReader reader, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new char[16_384];
        var line = new StringBuilder();
        int read;
        while ((read = await reader.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var start = 0;
            for (int end; (end = Array.IndexOf(buffer, '\n', start, read - start)) >= 0; start = end + 1)
            {
                line.Append(buffer, start, end - start);
                if (line.Length > 0)
                    yield return line.ToString();
                line.Clear();
            }

            line.Append(buffer, start, read - start);
            if (line.Length > MostLine)
                throw new BundleException($"A line of {name} has more than {MostLine:N0} characters. Nothing was imported.");
        }

        if (line.Length > 0)
            yield return line.ToString();
    }
}

/// <summary>What must hold of a bundle's events together.</summary>
internal sealed class BundleFacts
{
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(24);

    public ConversationStarted? Started { get; private set; }

    public bool HasEnded { get; private set; }

    /// <summary>Of the event that lies furthest on.</summary>
    public long LastPosition { get; private set; }

    /// <exception cref="BundleException">It cannot come here.</exception>
    public void Add(TurnEvent turnEvent)
    {
        if (Started is null)
        {
            Started = turnEvent as ConversationStarted ?? throw new BundleException($"{Bundle.EventsName} does not begin with the conversation's start. Nothing was imported.");
            if (Started.SampleRate is < 8000 or > 192_000)
                throw new BundleException($"The conversation claims {Started.SampleRate} samples a second; 8,000 to 192,000 can be. Nothing was imported.");
            return;
        }

        if (turnEvent is ConversationStarted || HasEnded)
            throw new BundleException($"{Bundle.EventsName} holds events before the conversation's start or after its end. Nothing was imported.");
        HasEnded = turnEvent is ConversationEnded;
        if (turnEvent.Position < 0 || turnEvent.Position > s_longest.TotalSeconds * Started.SampleRate)
            throw new BundleException($"An event lies at sample {turnEvent.Position}, outside the {s_longest.TotalHours:0} hours that a conversation may last. Nothing was imported.");
        LastPosition = Math.Max(LastPosition, turnEvent.Position);
    }
}
