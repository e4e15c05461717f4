using System.Text.RegularExpressions;
using Microsoft.Playwright;
using VoiceConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

/// <summary>One conversation in the simulated room, seen on every page from end to end.</summary>
[Collection(RealTime.Name)]
public sealed class DashboardTests(Chromium chromium)
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Conversation_InTheRoom_IsSeenLive_Measured_FoundByItsWords_AndReplayed()
    {
        SimulatedConversation? talk = null;
        await using var console = await StoredConsole.StartAsync(paths =>
        {
            talk = new SimulatedConversation(
                ["tell me a story", "stop please"], ["one two three four five six seven eight nine ten eleven twelve.", "Very well."],
                folder: Path.Combine(paths.Data, "recordings", "one"), id: Guid.NewGuid());
            talk.Room.Speak(Tones.Of(s_second), s_second);
            talk.Room.Speak(Tones.Of(s_second), TimeSpan.FromSeconds(2.2));
            return talk.Session;
        });
        var page = await console.OpenAsync(chromium, "/", "Live");
        var other = await console.OpenAsync(chromium, "/latency", "Latency");
        await page.Keyboard.PressAsync("Alt+s");
        await Expect(page.GetByText("tell me a story")).ToBeVisibleAsync();
        await Expect(page.Locator(".vc-total")).ToBeVisibleAsync();

        // The other page sees it without being asked.
        await Expect(other.Locator(".vc-turn-bar")).ToHaveCountAsync(2);
        await other.Locator(".vc-turn-bar").Last.ClickAsync();
        await Expect(other.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "tell me a story" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Conversations" }).ClickAsync();
        await page.GetByLabel("Words").FillAsync("stop please");
        await Expect(page.Locator(".vc-item")).ToHaveCountAsync(1);
        await Expect(page.GetByText("1 interrupted")).ToBeVisibleAsync();
        // The only conversation is there before anything is looked for, too.
        await Expect(page).ToHaveURLAsync(new Regex("words=stop"));
        await page.Locator(".vc-item-title").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = ": Interrupted" })).ToBeVisibleAsync();
        await Expect(page.Locator(".vc-heard").First).ToHaveTextAsync("one");
        await Expect(page.Locator(".vc-unheard").Filter(new LocatorFilterOptions { HasText = "twelve" })).ToBeVisibleAsync();
        await Expect(page.Locator("[data-ready]")).ToBeVisibleAsync();
        await page.Locator("[data-waves]").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("Space");
        await Expect(page.Locator("[data-clock]")).ToHaveTextAsync(new Regex("0:0[2-9]"), new LocatorAssertionsToHaveTextOptions { Timeout = 20_000 });
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "tell me a story" })).ToBeVisibleAsync();
        await Shots.TakeAsync(page, "replay-room");
    }
}
