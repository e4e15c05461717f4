using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceConsole.Engine.Language.Servers;

/// <summary>What a model server writes while it writes it: server-sent events, each line of them bounded.</summary>
internal static class EventStream
{
    private const int MaxLine = 1_000_000, MaxRefusal = 16_384, MaxShown = 200;
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The data of each event of the answer to <paramref name="body"/>, until the caller has enough.</summary>
    /// <exception cref="ServerRefusedException">The server answers with an error.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached, or reports an error among the events.</exception>
    /// <exception cref="InvalidDataException">The answer is no stream of events, or has a line of more than a megabyte.</exception>
    /// <exception cref="IOException">The stream ends before the caller has enough.</exception>
    public static async IAsyncEnumerable<string> PostAsync<T>(HttpClient http, Uri address, T body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body, options: s_json) };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new ServerRefusedException($"The model server at {address.GetLeftPart(UriPartial.Authority)} answered {(int)response.StatusCode} {response.ReasonPhrase}", response.StatusCode, await RefusalAsync(stream, cancellationToken));
        if (response.Content.Headers.ContentType?.MediaType is var type && type != "text/event-stream")
            throw new InvalidDataException($"The server at {address.GetLeftPart(UriPartial.Authority)} answered with {type ?? "no content type"}, not with a stream of events. Is it a model server, and its address right?");
        var lines = new BoundedLineReader(stream, MaxLine);
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("error:", StringComparison.Ordinal))
                throw Reported(line["error:".Length..]);
            if (line.StartsWith("data:", StringComparison.Ordinal))
                yield return line["data:".Length..].Trim();
        }

        throw new IOException("The model server closed the connection in mid-reply.");
    }

    /// <summary>Reads an event's JSON.</summary>
    /// <exception cref="InvalidDataException">It is none, or not what <paramref name="read"/> expects.</exception>
    /// <exception cref="HttpRequestException">It reports an error.</exception>
    public static T Read<T>(string json, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null ? throw Reported(error.ToString()) : read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"The model server sent an event that cannot be read: {Short(json)}", error);
        }
    }

    private static HttpRequestException Reported(string error) => new($"The model server reported an error: {Short(error.Trim())}");

    // What the server says about it, as servers do: {"error": {"message": …}}, or in plain words.
    private static async Task<string> RefusalAsync(Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxRefusal];
        var text = Encoding.UTF8.GetString(bytes, 0, await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken));
        try
        {
            using var document = JsonDocument.Parse(text);
            var error = document.RootElement.TryGetProperty("error", out var inner) ? inner : document.RootElement;
            return Short(error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) ? message.ToString() : error.ToString());
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return text.TrimStart().StartsWith('<') ? "" : Short(text.Trim());
        }
    }

    private static string Short(string text) => text.Length <= MaxShown ? text : text[..MaxShown] + "…";
}
