using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

public sealed class LatencyTests
{
    private static readonly DateTimeOffset s_day = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Report_BlamesTheStageThatTookMostAboveItsUsual()
    {
        var usual = Enumerable.Range(0, 9).Select(i => Turn(500, 50, 100, 20, 60, 10));
        var report = new LatencyReport([.. usual, Turn(500, 50, 900, 20, 60, 10), Turn(600, 50, 100, 500, 60, 10)], 800);

        Assert.Equal([(2, 800.0), (3, 480.0)], report.Broken.Select(b => (b.Stage, b.Excess)));
        Assert.Equal((11, 740.0, 1540.0), (report.Whole.Turns, report.Whole.P50, report.Whole.Most));
        Assert.Equal("m", Assert.Single(report.Models).Name);
    }

    [Fact]
    public void Report_OfAnyTurns_LosesNone() => Gen.Select(Gen.Double[0, 5000].Array[6].Array[1, 300], Gen.Int[1, 60]).Sample((stages, groups) =>
    {
        var report = new LatencyReport([.. stages.Select(Turn)], 1000);
        Assert.Equal(stages.Length, report.Distribution.Sum(b => b.Turns));
        Assert.InRange(report.Distribution.Count, 1, 41);
        var grouped = report.Groups(groups);
        Assert.InRange(grouped.Count, 1, groups);
        Assert.Equal(stages.Length, grouped.Sum(g => g.Figures.Turns));
        Assert.Equal(report.Whole.Most, grouped.Max(g => g.Slowest.Ms));
        Assert.True(report.Whole.P50 <= report.Whole.P95 && report.Whole.P95 <= report.Whole.P99 && report.Whole.P99 <= report.Whole.Most);
    });

    [Fact]
    public void Percentile_IsTheNearestRank() =>
        Assert.Equal((50.0, 95.0, 99.0, 100.0), (Of(0.5), Of(0.95), Of(0.99), Of(1)));

    [Fact]
    public async Task StoredTurns_AreFoundByModelAndTime_ExportedAndBudgeted()
    {
        await using var console = await StoredConsole.StartAsync();
        var id = await console.StoreAsync(s_day, [.. SampleConversation.Turn(1), .. SampleConversation.Turn(2)]);
        await console.StoreAsync(s_day.AddDays(1), SampleConversation.Turn(1));
        var queries = console.Services.GetRequiredService<LatencyQueries>();

        var turns = await queries.TurnsAsync(new LatencyFilter("tiny", null));
        Assert.Equal([1, 2, 1], turns.Select(t => t.Number));
        Assert.Equal((id, 6.25, 700.0, s_day.AddSeconds(6.25)), (turns[0].Conversation, turns[0].Seconds, turns[0].Ms, turns[0].At));
        Assert.Equal([500, 50, 50, 6.25, 43.75, 50], turns[0].StageMs);
        Assert.Single(await queries.TurnsAsync(new LatencyFilter(null, s_day.AddHours(1))));
        Assert.Empty(await queries.TurnsAsync(new LatencyFilter("other", null)));
        Assert.Null(await queries.BudgetAsync());
        await queries.SetBudgetAsync(650.5);
        Assert.Equal(650.5, await queries.BudgetAsync());
        Assert.Equal(650.5, console.Services.GetRequiredService<VoiceConsole.Web.Settings.SettingsKeeper>().Settings.LatencyBudgetMs);
        await queries.SetBudgetAsync(null);
        Assert.Null(await queries.BudgetAsync());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queries.SetBudgetAsync(0));

        using var http = new HttpClient { BaseAddress = new Uri(console.Address) };
        var lines = (await http.GetStringAsync("latency.csv?model=tiny")).Split("\r\n");
        Assert.Equal("conversation,turn,at,model,voice_to_voice_ms,end_of_turn_delay_ms,final_transcript_ms,time_to_first_token_ms,first_sentence_ms,time_to_first_byte_ms,first_audible_sample_ms", lines[0]);
        Assert.Equal($"{id},1,2026-11-20T00:00:06.2500000+00:00,\"tiny\",700,500,50,50,6.25,43.75,50", lines[1]);
        var json = await http.GetFromJsonAsync<JsonElement>("latency.json?since=2026-11-20T01:00:00Z");
        Assert.Equal(700, json.EnumerateArray().Single().GetProperty("stagesMs").EnumerateObject().Sum(s => s.Value.GetDouble()));
    }

    [Fact]
    public async Task Turns_AreCountedForTheModelThatServedThem_AlsoThoseStoredBeforeItWasNoted()
    {
        await using var console = await StoredConsole.StartAsync();
        await console.StoreAsync(s_day, [.. SampleConversation.Turn(1), .. SampleConversation.Turn(2).Select(e => e is GenerationStarted asked ? asked with { Model = "other" } : e)]);
        var queries = console.Services.GetRequiredService<LatencyQueries>();
        Assert.Equal(["other", "tiny"], await queries.ModelsAsync());
        Assert.Equal([2], (await queries.TurnsAsync(new LatencyFilter("other", null))).Select(t => t.Number));
        Assert.Equal(["other", "tiny"], new LatencyReport(await queries.TurnsAsync(new LatencyFilter(null, null)), null).Models.Select(m => m.Name).Order());

        // A database of the version before.
        await using var context = console.Database.CreateDbContext();
        await context.GetService<IMigrator>().MigrateAsync("Library");
        await context.Database.MigrateAsync();
        Assert.Equal(["tiny", "other"], await context.Turns.OrderBy(t => t.Number).Select(t => t.Model).ToListAsync());

        // One whose events do not tell: then it is the conversation's.
        await context.Turns.Where(t => t.Number == 1).ExecuteUpdateAsync(s => s.SetProperty(t => t.Model, (string?)null));
        Assert.Equal(["other", "tiny"], await queries.ModelsAsync());
        await context.Turns.Where(t => t.Number == 1).ExecuteUpdateAsync(s => s.SetProperty(t => t.VoiceToVoiceMs, (double?)null));
        Assert.Equal(["other"], await queries.ModelsAsync());
    }

    [Fact]
    public async Task NewestTurns_AreThoseOfTheNewestConversations_HoweverLateAnOldOneWasImported()
    {
        await using var console = await StoredConsole.StartAsync();
        var newest = await console.StoreAsync(s_day.AddDays(1), SampleConversation.Turn(1));
        await console.StoreAsync(s_day, [.. Enumerable.Range(1, LatencyQueries.MostTurns).SelectMany(i => SampleConversation.Turn(i))]);
        var turns = await console.Services.GetRequiredService<LatencyQueries>().TurnsAsync(new LatencyFilter(null, null));

        Assert.Equal(LatencyQueries.MostTurns, turns.Count);
        Assert.Equal(newest, turns[^1].Conversation);
        Assert.Equal(2, turns[0].Number);
    }

    [Fact]
    public async Task Export_HasAllTurns_AlsoThoseThatThePageDoesNotLookAt_TheOldestConversationFirst()
    {
        await using var console = await StoredConsole.StartAsync();
        var newest = await console.StoreAsync(s_day.AddDays(1), SampleConversation.Turn(1));
        const int many = 2 * LatencyQueries.MostTurns;
        await console.StoreAsync(s_day, [.. Enumerable.Range(1, many).SelectMany(i => SampleConversation.Turn(i))]);
        // Begun at the same moment as the last of a piece.
        var twin = await console.StoreAsync(s_day, SampleConversation.Turn(1));
        using var http = new HttpClient { BaseAddress = new Uri(console.Address) };

        var lines = (await http.GetStringAsync("latency.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..].Select(l => l.Split(',')).ToList();
        Assert.Equal(Enumerable.Range(1, many).Append(1).Append(1), lines.Select(l => int.Parse(l[1], CultureInfo.InvariantCulture)));
        Assert.Equal([twin.ToString(), newest.ToString()], lines[many..].Select(l => l[0]));
        Assert.Equal(many + 2, (await http.GetFromJsonAsync<JsonElement>("latency.json")).GetArrayLength());
        Assert.Equal(many + 1, await console.Services.GetRequiredService<LatencyQueries>().AllAsync(new LatencyFilter("tiny", null)).CountAsync(t => t.Conversation != newest));
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    public async Task Export_OfManyTurns_IsSentWhileTheyAreRead_AndNotAsAWholeWhereReadingFails(string kind)
    {
        using var sent = new MemoryStream();
        var before = 0L;
        async IAsyncEnumerable<LatencyTurn> Read()
        {
            for (var i = 0; i < 5000; i++)
                yield return Turn(1, 2, 3, 4, 5, 6);
            before = sent.Length;
            throw new StorageException("It is gone.", "");
        }

        await Assert.ThrowsAsync<StorageException>(() => kind == "csv" ? LatencyExport.CsvAsync(sent, Read(), default) : LatencyExport.JsonAsync(sent, Read(), default));
        Assert.InRange(before, 100_000, sent.Length);
        Assert.DoesNotContain("]\n]", System.Text.Encoding.UTF8.GetString(sent.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("a\"b,c", "\"a\"\"b,c\"")]
    public async Task Csv_OfANameThatASpreadsheetWouldObey_IsText(string model, string written)
    {
        using var csv = new MemoryStream();
        await LatencyExport.CsvAsync(csv, new[] { Turn(1, 2, 3, 4, 5, 6) with { Model = model } }.ToAsyncEnumerable(), default);
        Assert.Contains($",{written},", System.Text.Encoding.UTF8.GetString(csv.ToArray()), StringComparison.Ordinal);
    }

    private static LatencyTurn Turn(params double[] stages)
    {
        Assert.Equal(TurnTimeline.StageNames.Count, stages.Length);
        return new LatencyTurn(Guid.Empty, 1, s_day, 0, "m", stages.Sum(), stages);
    }

    private static double Of(double share) => Percentile.Of([.. Enumerable.Range(1, 100).Select(i => (double)i)], share);
}
