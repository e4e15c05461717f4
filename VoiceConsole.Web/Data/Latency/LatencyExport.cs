using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Web.Data;

/// <summary>The turns of the Latency page, however many, as files for other programs. They are written as they are read.</summary>
internal static class LatencyExport
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private delegate Task Writer(Stream to, IAsyncEnumerable<LatencyTurn> turns, CancellationToken cancellationToken);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/latency.csv", (string? model, string? since, LatencyQueries queries, HttpContext http) => SendAsync(http, Chosen(queries, model, since, http), CsvAsync, "text/csv; charset=utf-8", "csv"));
        app.MapGet("/latency.json", (string? model, string? since, LatencyQueries queries, HttpContext http) => SendAsync(http, Chosen(queries, model, since, http), JsonAsync, "application/json", "json"));
    }

    public static async Task CsvAsync(Stream to, IAsyncEnumerable<LatencyTurn> turns, CancellationToken cancellationToken)
    {
        // Not closed where reading fails: what waits in it would be sent as if it were the whole.
        var csv = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
        await csv.WriteLineAsync($"conversation,turn,at,model,voice_to_voice_ms,{string.Join(',', TurnTimeline.StageNames.Select(n => n.Replace(' ', '_').Replace('-', '_') + "_ms"))}");
        await foreach (var turn in turns.WithCancellation(cancellationToken))
            await csv.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{turn.Conversation},{turn.Number},{turn.At:O},{Quoted(turn.Model)},{turn.Ms:0.###},{string.Join(',', turn.StageMs.Select(ms => ms.ToString("0.###", CultureInfo.InvariantCulture)))}"));
        await csv.FlushAsync(cancellationToken);
    }

    public static Task JsonAsync(Stream to, IAsyncEnumerable<LatencyTurn> turns, CancellationToken cancellationToken) => JsonSerializer.SerializeAsync(
        to,
        turns.Select(t => new
        {
            t.Conversation,
            Turn = t.Number,
            t.At,
            t.Model,
            VoiceToVoiceMs = t.Ms,
            StagesMs = TurnTimeline.StageNames.Zip(t.StageMs).ToDictionary(s => s.First, s => s.Second),
        }),
        s_json,
        cancellationToken);

    // A model's name is a stranger's text: what a spreadsheet would take for a formula is made a text of.
    private static string Quoted(string text) => $"\"{(text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static IAsyncEnumerable<LatencyTurn> Chosen(LatencyQueries queries, string? model, string? since, HttpContext http)
    {
        DateTimeOffset? from = DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
        return queries.AllAsync(new LatencyFilter(string.IsNullOrEmpty(model) ? null : model, from), http.RequestAborted);
    }

    private static async Task SendAsync(HttpContext http, IAsyncEnumerable<LatencyTurn> turns, Writer write, string type, string extension)
    {
        try
        {
            http.Response.ContentType = type;
            http.Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = $"latency.{extension}" }.ToString();
            await write(http.Response.Body, turns, http.RequestAborted);
        }
        catch (StorageException error) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await Results.Text(error.Message, statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(http);
        }
    }
}
