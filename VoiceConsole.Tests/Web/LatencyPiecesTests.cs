using System.Globalization;
using Bunit;
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

    private static double Percent(string text) => double.Parse(text.TrimEnd('%'), CultureInfo.InvariantCulture);

    private static LatencyTurn Turn(int hours, double token) => new(Guid.Empty, 1, s_start.AddHours(hours), 0, "m", 600 + token, [500, 50, token, 20, 20, 10]);
}
