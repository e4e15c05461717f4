using System.Globalization;
using System.Text;
using System.Text.Json;
using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Web.Data;

/// <summary>The turns of the Latency page as files for other programs.</summary>
internal static class LatencyExport
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/latency.csv", (string? model, string? since, LatencyQueries queries, CancellationToken cancelled) =>
            SendAsync(queries, model, since, Csv, "text/csv; charset=utf-8", "csv", cancelled));
        app.MapGet("/latency.json", (string? model, string? since, LatencyQueries queries, CancellationToken cancelled) =>
            SendAsync(queries, model, since, Json, "application/json", "json", cancelled));
    }

    public static string Csv(IReadOnlyList<LatencyTurn> turns)
    {
        var csv = new StringBuilder($"conversation,turn,at,model,voice_to_voice_ms,{string.Join(',', TurnTimeline.StageNames.Select(n => n.Replace(' ', '_').Replace('-', '_') + "_ms"))}\r\n");
        foreach (var turn in turns)
            csv.Append(CultureInfo.InvariantCulture, $"{turn.Conversation},{turn.Number},{turn.At:O},{Quoted(turn.Model)},{turn.Ms:0.###},{string.Join(',', turn.StageMs.Select(ms => ms.ToString("0.###", CultureInfo.InvariantCulture)))}\r\n");
        return csv.ToString();
    }

    public static string Json(IReadOnlyList<LatencyTurn> turns) => JsonSerializer.Serialize(
        turns.Select(t => new
        {
            t.Conversation,
            Turn = t.Number,
            t.At,
            t.Model,
            VoiceToVoiceMs = t.Ms,
            StagesMs = TurnTimeline.StageNames.Zip(t.StageMs).ToDictionary(s => s.First, s => s.Second),
        }),
        s_json);

    // A model's name is a stranger's text: what a spreadsheet would take for a formula is made a text of.
    private static string Quoted(string text) => $"\"{(text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task<IResult> SendAsync(
        LatencyQueries queries, string? model, string? since, Func<IReadOnlyList<LatencyTurn>, string> write, string type, string extension, CancellationToken cancellationToken)
    {
        DateTimeOffset? from = DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
        try
        {
            var turns = await queries.TurnsAsync(new LatencyFilter(string.IsNullOrEmpty(model) ? null : model, from), cancellationToken);
            return Results.File(Encoding.UTF8.GetBytes(write(turns)), type, $"latency.{extension}");
        }
        catch (StorageException error)
        {
            return Results.Text(error.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
