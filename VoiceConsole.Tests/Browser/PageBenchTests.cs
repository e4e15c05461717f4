using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench.Pages;

namespace VoiceConsole.Tests.Browser;

[Collection(RealTime.Name)]
public sealed class PageBenchTests
{
    [Fact]
    public async Task Pages_WatchedForAFewEvents_GiveDelaysBytesAndTime()
    {
        var result = await RunAsync(() => PagesBench.RunAsync(new ConversationRequest(), 2, 0, 12, TestContext.Current.CancellationToken));
        using var printed = new StringWriter();
        result.Print(printed);

        Assert.InRange(result.DelaysMs.Count, 6, 12);
        Assert.All(result.DelaysMs, d => Assert.InRange(d, 0, 5000));
        Assert.InRange(result.DelaysMs[result.DelaysMs.Count / 2], 0, 500);
        Assert.True(result is { FramesPerSecond: > 1, BytesPerFrame: > 20 }, result.ToString());
        Assert.Null(result.Ratio);
        Assert.Contains("event to page", printed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Soak_OfAFewThousandEvents_StoresThemAllAndStillRenders()
    {
        var result = await RunAsync(() => SoakBench.RunAsync(6000, TestContext.Current.CancellationToken));
        Assert.InRange(result.Events, 6000, 6100);
        Assert.InRange(result.RenderMs, 1, 10_000);
        Assert.True(result.Targets[0].IsReached, result.ToString());
    }

    private static async Task<T> RunAsync<T>(Func<Task<T>> bench)
    {
        try
        {
            return await bench();
        }
        catch (ModelUnavailableException error)
        {
            Assert.Skip($"{error.Message} {error.Remedy}");
            throw;
        }
    }
}
