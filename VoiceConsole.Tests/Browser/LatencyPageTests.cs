using System.Text.RegularExpressions;
using Microsoft.Playwright;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

[Collection(Pages.Name)]
public sealed class LatencyPageTests(Chromium chromium) : IAsyncLifetime
{
    private StoredConsole _console = null!;

    public async ValueTask InitializeAsync() => _console = await StoredConsole.StartAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Budget_Set_ShowsWhatBrokeIt_AndItsLinkOpensTheTurn()
    {
        var id = await StoreAsync(StoredConsole.Start, 0, 0, 16_000);
        var page = await OpenAsync();
        await Expect(page.GetByText("3 turns", new PageGetByTextOptions { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("Set a budget above")).ToBeVisibleAsync();
        await page.GetByLabel("Budget, ms").FillAsync("1000");
        await page.GetByLabel("Budget, ms").PressAsync("Enter");

        await Expect(page.Locator(".vc-broken li")).ToHaveCountAsync(1);
        await Expect(page.Locator(".vc-broken li")).ToContainTextAsync("time to first token +1,000 ms");
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Budget, ms")).ToHaveValueAsync("1000");
        await page.Locator(".vc-broken a").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex($"conversations/{id}\\?at=18.75"));
        await Expect(page.Locator("[data-clock]")).ToHaveTextAsync("0:18.7");
    }

    [Fact]
    public async Task Point_Clicked_OpensItsTurn_AndTurnsAppearAsTheyAreStored()
    {
        var page = await OpenAsync();
        await Expect(page.GetByText("No reply has been heard yet.")).ToBeVisibleAsync();
        await StoreAsync(StoredConsole.Start, 0, 4000);
        await Expect(page.Locator(".vc-point")).ToHaveCountAsync(2);
        await page.Locator(".vc-point").Last.ClickAsync();

        await Expect(page).ToHaveURLAsync(new Regex("conversations/.*at=12.5"));
    }

    [Fact]
    public async Task Budget_ThatMakesNoSense_IsRefusedWithTheReason()
    {
        await StoreAsync(StoredConsole.Start, 0);
        var page = await OpenAsync();
        await page.GetByLabel("Budget, ms").FillAsync("0");
        await page.GetByLabel("Budget, ms").PressAsync("Enter");

        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync(new Regex("A budget is 1 to 60000 milliseconds"));
        await Expect(page.GetByLabel("Budget, ms")).ToHaveAttributeAsync("aria-invalid", "true");
    }

    [Fact]
    public async Task Stage_ModelAndTime_Chosen_StandInTheAddress_AndChooseWhatIsExported()
    {
        await StoreAsync(DateTimeOffset.UtcNow.AddDays(-3), 0, 3200);
        await StoreAsync(DateTimeOffset.UtcNow.AddDays(-20), 0);
        var page = await OpenAsync();
        await page.Locator(".vc-filters select").Nth(1).SelectOptionAsync("7");
        await Expect(page).ToHaveURLAsync(new Regex("days=7"));
        await page.Locator(".vc-filters select").First.SelectOptionAsync("tiny");
        await Expect(page).ToHaveURLAsync(new Regex("model=tiny"));
        await page.Locator(".vc-stage select").SelectOptionAsync("time to first token");
        await Expect(page).ToHaveURLAsync(new Regex("days=7.*model=tiny.*stage=time"));
        await page.ReloadAsync();
        await Expect(page.Locator(".vc-stage select")).ToHaveValueAsync("time to first token");
        await Expect(page.GetByText("2 turns", new PageGetByTextOptions { Exact = true })).ToBeVisibleAsync();
        // 50 ms and 200 more, not the whole turn's 700 and 900.
        await Expect(page.Locator(".vc-plot figcaption")).ToContainTextAsync("p50 50 ms, p95 250 ms, p99 250 ms");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Export JSON").ClickAsync());
        using var json = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(await download.PathAsync()));
        Assert.Equal(["tiny", "tiny"], json.RootElement.EnumerateArray().Select(t => t.GetProperty("model").GetString()));
    }

    [Fact]
    public async Task Export_Csv_DownloadsTheTurns()
    {
        await StoreAsync(StoredConsole.Start, 0, 0);
        var page = await OpenAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Export CSV").ClickAsync());

        Assert.Equal("latency.csv", download.SuggestedFilename);
        Assert.Equal(3, (await File.ReadAllLinesAsync(await download.PathAsync())).Length);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Page_EmptyAndFull_IsAccessibleAndFits(ColorScheme scheme, int width)
    {
        var page = await OpenAsync(width, scheme);
        await Expect(page.GetByText("No reply has been heard yet.")).ToBeVisibleAsync();
        await PageChecks.AssertAccessibleAsync(page);
        var random = new Random(2);
        for (var i = 0; i < 8; i++)
            await StoreAsync(StoredConsole.Start.AddHours(i), [.. Enumerable.Range(0, 9).Select(_ => (long)(random.NextDouble() * random.NextDouble() * 12_000))]);
        await Expect(page.GetByText("72 turns", new PageGetByTextOptions { Exact = true })).ToBeVisibleAsync();
        await page.GetByLabel("Budget, ms").FillAsync("1000");
        await page.GetByLabel("Budget, ms").PressAsync("Enter");
        await Expect(page.Locator(".vc-broken li").First).ToBeVisibleAsync();
        await Shots.TakeAsync(page, $"latency-{scheme}-{width}", (scheme, width) is (ColorScheme.Light, 1280) ? "latency" : null);
        await PageChecks.AssertAccessibleAsync(page);
        await PageChecks.AssertFitsAsync(page);
    }

    private Task<IPage> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light) => _console.OpenAsync(chromium, "/latency", "Latency", width, scheme);

    // A turn for each; its model takes so many samples longer.
    private Task<Guid> StoreAsync(DateTimeOffset at, params long[] longer) => _console.StoreAsync(
        at, [.. longer.SelectMany((more, i) => SampleConversation.Turn(i + 1, $"question {i + 1}").Select(e => e is SpeechStarted or SpeechEnded or TranscriptCompleted or GenerationStarted ? e : e with { Position = e.Position + more }))]);
}
