using VoiceConsole.Web.Commands.Bench;

namespace VoiceConsole.Tests.Data;

public sealed class LibraryBenchTests
{
    [Fact]
    public async Task Bench_OfASmallLibrary_MeasuresListSearchAndOpen()
    {
        var result = await LibraryBench.RunAsync(100, TestContext.Current.CancellationToken);
        using var printed = new StringWriter();
        result.Print(printed);

        Assert.Equal((100, 10), (result.Turns, result.Conversations));
        Assert.All(result.Figures, f => Assert.True(f.P50Ms > 0 && f.P50Ms <= f.P95Ms && f.P95Ms <= f.MostMs, f.What));
        Assert.Contains("search: two Chinese characters", printed.ToString(), StringComparison.Ordinal);
    }
}
