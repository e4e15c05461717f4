using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Live;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

[Collection(Pages.Name)]
public sealed class HealthPageTests(Chromium chromium) : IAsyncLifetime
{
    private readonly FakeConversation _conversation = new();
    private StoredConsole _console = null!;

    public async ValueTask InitializeAsync() => _console = await StoredConsole.StartAsync(_ => _conversation);

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Console_InWhichMuchGoesWrong_SaysSoOnEveryPage_EachWithItsRemedy_AndWellAgainAfterwards()
    {
        var page = await _console.OpenAsync(chromium, "/latency", "Latency");
        var link = page.Locator(".vc-health-link");
        await Expect(link).ToHaveAttributeAsync("data-level", "Well");
        await _console.Services.GetRequiredService<ConversationHost>().StartAsync();
        _conversation.Events.Publish(new DeviceChanged(16_000, "Lost", 0, 0, "The microphone was unplugged."));
        _conversation.Events.Publish(new GenerationRetried(new TurnId(1), 16_000, 2, "fallback", "connection refused"));
        _conversation.Events.Publish(new TurnFailed(TurnId.None, 16_000, "recorder", "The disk is full.", "Free some space."));
        _console.Services.GetRequiredService<StorageStatus>().Problem = new LiveProblem("Nothing is stored at the moment.", "Free some space, too.");
        _conversation.IsHalfDuplex = true;
        _conversation.Events.Publish(new HalfDuplexChanged(16_000, true, "Two turns in a row were its own."));
        await Expect(link).ToHaveAttributeAsync("data-level", "Failed");
        await link.ClickAsync();

        foreach (var (what, remedy, level) in new[]
        {
            ("The microphone was unplugged.", "opened again by itself", "Failed"), ("connection refused", "--fallback-llm", "Degraded"), ("recorder: The disk is full.", "Free some space.", "Degraded"),
            ("Nothing is stored at the moment.", "Free some space, too.", "Failed"), ("Two turns in a row were its own.", "use headphones", "Degraded"),
        })
        {
            var item = page.Locator($"[data-level={level}]").Filter(new LocatorFilterOptions { HasText = what });
            await Expect(item).ToContainTextAsync(remedy);
        }

        await Shots.TakeAsync(page, "health", "health");
        await PageChecks.AssertAccessibleAsync(page);
        _conversation.Events.Publish(new DeviceChanged(17_000, "Running", 0, 0, null));
        _console.Services.GetRequiredService<StorageStatus>().Problem = null;
        await Expect(link).ToHaveAttributeAsync("data-level", "Degraded");
        await page.Locator("li").Filter(new LocatorFilterOptions { HasText = "Two turns in a row" }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Echo", Level = 1 })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Page_OfAConsoleThatIsWell_SaysSo_IsAccessibleAndFits(ColorScheme scheme, int width)
    {
        var page = await _console.OpenAsync(chromium, "/health", "Health", width, scheme);
        await Expect(page.GetByText("All is well.")).ToBeVisibleAsync();
        await PageChecks.AssertAccessibleAsync(page);
        await PageChecks.AssertFitsAsync(page);
    }
}
