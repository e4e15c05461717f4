using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench.Echo;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

[Collection(RealTime.Name)]
public sealed class EchoPageTests(Chromium chromium) : IAsyncLifetime
{
    private readonly FakeConversation _conversation = new() { Echo = new EchoReading(64, 18.5, 22, 31.5, -4, 1, true, false, false) };
    private StoredConsole _console = null!;

    public async ValueTask InitializeAsync() => _console = await StoredConsole.StartAsync(_ => _conversation);

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Conversation_WhoseConsoleHeardItself_ShowsFiguresVerdictsAndTheWayBack()
    {
        EchoResults.Keep(_console.Paths, Report());
        await _console.Services.GetRequiredService<ConversationHost>().StartAsync();
        var page = await OpenAsync();
        await Expect(page.Locator(".vc-strip path").First).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex("(L.*){5}"));
        _conversation.IsHalfDuplex = true;
        _conversation.Events.Publish(new VerdictReached(new TurnId(3), 160_000, "echo", "The console was saying these words itself.", new Dictionary<string, double> { ["own words"] = 0.875 }));
        _conversation.Events.Publish(new HalfDuplexChanged(160_000, true, "Two turns in a row were the console's own words."));

        await Expect(page.Locator("[data-gate]")).ToHaveTextAsync("watching the reply");
        await Expect(page.GetByText("31.5 dB")).ToBeVisibleAsync();
        await Expect(page.Locator(".vc-verdict-table tbody tr")).ToContainTextAsync("own words 0.88");
        var banner = page.GetByRole(AriaRole.Alert).Filter(new LocatorFilterOptions { HasText = "Two turns in a row" });
        await Expect(banner).ToBeVisibleAsync();
        await Shots.TakeAsync(page, "echo", "echo");
        await PageChecks.AssertAccessibleAsync(page);
        _conversation.Echo = _conversation.Echo! with { IsDeaf = true };
        await Expect(page.Locator("[data-gate]")).ToHaveTextAsync("closed: not listening");
        await Expect(page.Locator(".vc-gate .vc-gate-watch")).ToHaveCountAsync(1);
        await Expect(page.Locator(".vc-gate .vc-gate-deaf")).ToHaveCountAsync(1);
        await banner.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Listen while speaking again" }).ClickAsync();
        Assert.False(_conversation.IsHalfDuplex);
        _conversation.Events.Publish(new HalfDuplexChanged(170_000, false, "It was asked to."));
        await Expect(banner).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task SelfTest_WhileAConversationHasTheLoudspeaker_WaitsForItsEnd_AndCanBeBrokenOff()
    {
        var host = _console.Services.GetRequiredService<ConversationHost>();
        host.Use(new ConversationRequest { Device = "room", Room = "desk" });
        await host.StartAsync();
        var page = await OpenAsync();
        var start = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Test loudspeaker and microphone" });
        await Expect(start).ToBeDisabledAsync();
        await Expect(page.GetByText("Stop the conversation first")).ToBeVisibleAsync();

        await host.StopAsync();
        await start.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Progressbar, new PageGetByRoleOptions { Name = "Progress of the test" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Cancel" }).ClickAsync();
        await Expect(start).ToBeEnabledAsync(new LocatorAssertionsToBeEnabledOptions { Timeout = 30_000 });
        await Expect(page.Locator(".vc-advice")).ToHaveCountAsync(0);

        // To its end: advice, figures and the picture, which a reload does not take away; meanwhile nobody else has the devices.
        await start.ClickAsync();
        await host.StartAsync();
        Assert.Null(host.Current);
        await Expect(page.Locator(".vc-advice li").First).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 120_000 });
        await page.ReloadAsync();
        await Expect(page.Locator(".vc-self-picture svg")).ToBeVisibleAsync();
        await Expect(page.GetByText("Echo return loss", new PageGetByTextOptions { Exact = true })).ToBeVisibleAsync();
        await PageChecks.AssertAccessibleAsync(page);
    }

    [Fact]
    public async Task SelfTest_OfARecording_IsNotOffered()
    {
        _console.Services.GetRequiredService<ConversationHost>().Use(new ConversationRequest { Device = "wav" });
        var page = await OpenAsync();
        await Expect(page.GetByText("A recording has no loudspeaker to test.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Strip_DrawsOncePerReading_AndAsksNobodyWhenNobodyLooks()
    {
        await _console.Services.GetRequiredService<ConversationHost>().StartAsync();
        var monitor = _console.Services.GetRequiredService<EchoMonitor>();
        var page = await OpenAsync();
        await Expect(page.Locator(".vc-strip path").First).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex("M.*L.*L"));
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Latency" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Latency", Level = 1 })).ToBeVisibleAsync();
        Assert.False(monitor.IsAsking);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Bench_Kept_IsAMap_AndWithoutItThePageSaysHowToHaveOne(ColorScheme scheme, int width)
    {
        var page = await OpenAsync(width, scheme);
        await Expect(page.GetByText("bench echo --quick")).ToBeVisibleAsync();
        EchoResults.Keep(_console.Paths, Report());
        await page.ReloadAsync();
        await Expect(page.Locator(".vc-heat tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator(".vc-heat tbody td").First).ToHaveTextAsync("83");
        await page.GetByLabel("Setup").SelectOptionAsync("no guard");
        await Expect(page.Locator(".vc-heat tbody td").First).ToHaveTextAsync("17");
        await page.ReloadAsync();
        await Expect(page.Locator(".vc-heat tbody td").First).ToHaveTextAsync("17");
        await Shots.TakeAsync(page, $"echo-{scheme}-{width}");
        await PageChecks.AssertAccessibleAsync(page);
        await PageChecks.AssertFitsAsync(page);
    }

    [Fact]
    public async Task Bench_ThatIsDamaged_IsSaidSo()
    {
        await File.WriteAllTextAsync(Path.Combine(_console.Paths.Data, EchoResults.FileName), "{\"places\": 7");
        var page = await OpenAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Run bench echo again.");
    }

    private Task<IPage> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light) => _console.OpenAsync(chromium, "/echo", "Echo", width, scheme);

    internal static EchoReport Report()
    {
        var places = from setup in new[] { "guard", "no guard" }
                     from level in new[] { 10.0, -10 }
                     from delay in new[] { 20, 120, 300 }
                     let stopped = setup == "guard" ? 5 : 1
                     select new EchoFigures(setup, "S3", level, delay, 1, 1.5, 0, 0, 1, 1, 6, stopped, 320, 540, 120, 200, 6, 0, 0, 24, 0.25, null);
        return new EchoReport(1, true, 100, 0.1, 0, new Dictionary<string, string>(), [], [], [.. places]);
    }
}
