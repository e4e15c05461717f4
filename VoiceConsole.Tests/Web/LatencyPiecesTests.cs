using System.Globalization;
using Bunit;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls.Latency;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Web;

public sealed class LatencyPiecesTests : PieceContext
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Plot_HasTimeForItsWidth_ThreePercentiles_AndTheStageThatIsAskedFor()
    {
        var report = new LatencyReport([Turn(0, 100), Turn(1, 200), Turn(10, 400)], 500);
        var plot = Render<LatencyPlot>(p => p.Add(c => c.Report, report));
        Assert.Equal([1, 10.8, 99], plot.FindAll("circle").Select(c => Percent(c.GetAttribute("cx")!)));
        Assert.Equal(3, plot.FindAll("polyline").Count);
        Assert.Equal(3, plot.FindAll(".vc-ruler span").Count);
        Assert.Single(plot.FindAll(".vc-budget"));
        var whole = plot.FindAll("circle").Select(c => c.GetAttribute("cy")).ToArray();

        plot.Render(p => p.Add(c => c.Report, report).Add(c => c.Stage, 2));
        Assert.Empty(plot.FindAll(".vc-budget"));
        Assert.NotEqual(whole, plot.FindAll("circle").Select(c => c.GetAttribute("cy")));
        Assert.Contains("p99 400 ms", plot.Find(".vc-hidden").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Histogram_OfSomeTurns_CountsThemAll()
    {
        var report = new LatencyReport([.. Enumerable.Range(0, 50).Select(i => Turn(i, i * 10))], 300);
        var drawn = Render<LatencyHistogram>(p => p.Add(c => c.Report, report));
        Assert.NotEmpty(drawn.FindAll("rect"));
        Assert.DoesNotContain("NaN", drawn.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Plot_OfOneTurn_StandsInTheMiddle()
    {
        var plot = Render<LatencyPlot>(p => p.Add(c => c.Report, new LatencyReport([Turn(0, 100)], null)));
        Assert.Equal(50, Percent(plot.Find("circle").GetAttribute("cx")!));
    }

    [Fact]
    public void Figures_OfStages_AreToldInOrderWithTheirColours_TheTotalApart()
    {
        LatencyFigures[] rows = [.. TurnTimeline.StageNames.Select((name, i) => new LatencyFigures(name, 1234, i, 10 * i, 100 * i, 1000 * i)), new("voice-to-voice", 1234, 700, 900, 950, 1000)];
        var table = Render<FiguresTable>(p => p.Add(c => c.Caption, "Percentiles of each stage").Add(c => c.Of, "Stage").Add(c => c.Rows, rows).Add(c => c.Staged, true).Add(c => c.Total, "voice-to-voice"));

        Assert.Equal(("Percentiles of each stage", "0"), (table.Find("[role=region]").GetAttribute("aria-label"), table.Find("[role=region]").GetAttribute("tabindex")));
        Assert.Equal("Percentiles of each stage", table.Find("caption").TextContent);
        Assert.Equal(["Stage", "Turns", "p50", "p95", "p99", "Most"], table.FindAll("thead th[scope=col]").Select(h => h.TextContent));
        Assert.Equal(rows.Select(r => r.Name), table.FindAll("tbody th[scope=row]").Select(h => h.TextContent.Trim()));
        Assert.Equal(Enumerable.Range(0, TurnTimeline.StageNames.Count).Select(i => $"vc-stage-{i}"), table.FindAll("tbody th rect").Select(r => r.ClassName));
        var total = Assert.Single(table.FindAll(".vc-total-row"));
        Assert.Empty(total.QuerySelectorAll("svg"));
        Assert.Equal(["1,234", "700 ms", "900 ms", "950 ms", "1,000 ms"], total.QuerySelectorAll("td").Select(c => c.TextContent));
    }

    [Fact]
    public void Figures_OfModels_ShowTheirNamesAsText()
    {
        var table = Render<FiguresTable>(p => p.Add(c => c.Caption, "c").Add(c => c.Of, "Model").Add(c => c.Rows, [new LatencyFigures("<b>m</b>\u202e", 1, 1, 1, 1, 1)]));
        Assert.Equal("<b>m</b>\ufffd", table.Find("tbody th").TextContent.Trim());
        Assert.Empty(table.FindAll("b, svg"));
    }

    [Fact]
    public void Bars_OfTurns_StandOnOneScale_LeadToTheirMoments_AndSayInWordsWhatTheyShow()
    {
        var (slow, quick) = (Turn(1, 1400) with { Conversation = Guid.NewGuid(), Number = 2, Seconds = 12.5 }, Turn(0, 0));
        var bars = Render<TurnWaterfalls>(p => p.Add(c => c.Turns, [slow, quick]).Add(c => c.Budget, 1000.0));

        Assert.Equal("The newest turns", bars.Find("ol").GetAttribute("aria-label"));
        Assert.Equal($"conversations/{slow.Conversation}?at=12.5", bars.Find("a").GetAttribute("href"));
        // 2,000 ms are almost all of the width, 600 ms three tenths of that; a stage of no time has no bar.
        Assert.Equal([100 / 1.02, 30 / 1.02], bars.FindAll("svg").Select(s => s.QuerySelectorAll("rect").Sum(r => Percent(r.GetAttribute("width")!))), (one, other) => Math.Abs(one - other) < 0.01);
        Assert.Equal([6, 5], bars.FindAll("svg").Select(s => s.QuerySelectorAll("rect").Length));
        Assert.All(bars.FindAll("svg"), s => Assert.Equal("true", s.GetAttribute("aria-hidden")));
        Assert.Equal([49.02, 49.02], bars.FindAll(".vc-budget").Select(l => Math.Round(Percent(l.GetAttribute("x1")!), 2)));
        Assert.Equal(["2,000 ms"], bars.FindAll(".vc-over").Select(o => o.TextContent));
        Assert.StartsWith("turn 2: end-of-turn delay 500 ms, final transcript 50 ms, time to first token 1,400 ms", bars.Find(".vc-hidden").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("time to first token", bars.FindAll(".vc-hidden")[1].TextContent, StringComparison.Ordinal);
    }

    private static double Percent(string text) => double.Parse(text.TrimEnd('%'), CultureInfo.InvariantCulture);

    private static LatencyTurn Turn(int hours, double token) => new(Guid.Empty, 1, s_start.AddHours(hours), 0, "m", 600 + token, [500, 50, token, 20, 20, 10]);
}
