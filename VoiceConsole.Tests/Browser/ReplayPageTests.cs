using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

[Collection(Pages.Name)]
public sealed class ReplayPageTests(Chromium chromium) : IAsyncLifetime
{
    private StoredConsole _console = null!;
    private Guid _id;

    public async ValueTask InitializeAsync()
    {
        _console = await StoredConsole.StartAsync();
        _id = await _console.StoreRecordedAsync(StoredConsole.Start, Turns());
    }

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Sound_PlaysAndMovesOn_WordsLight_AndAnotherMixGoesOnWhereItWas()
    {
        var page = await OpenAsync("?at=7.4");
        await Expect(page.Locator("[data-clock]")).ToHaveTextAsync("0:07.4");
        // A word is lit for a moment only: each is noted as it comes.
        await page.EvaluateAsync("""
            () => {
              window.lit = [];
              new MutationObserver(() => { for (const word of document.querySelectorAll('.vc-lit')) window.lit.push(word.textContent); })
                .observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['class'] });
            }
            """);
        await page.Locator("[data-waves]").FocusAsync();
        await page.Keyboard.PressAsync("Space");

        await Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Pause" })).ToBeVisibleAsync();
        await page.WaitForFunctionAsync("() => window.lit.includes('Good')");
        await Expect(page.Locator("[data-clock]")).ToHaveTextAsync(new Regex("0:0[89]"), new LocatorAssertionsToHaveTextOptions { Timeout = 15_000 });
        await page.GetByLabel("Microphone").UncheckAsync();
        await Expect(page.Locator("audio")).ToHaveAttributeAsync("src", new Regex("tracks=loopback$"));
        await Expect(page.Locator("[data-clock]")).ToHaveTextAsync(new Regex("0:1[0-9]"), new LocatorAssertionsToHaveTextOptions { Timeout = 15_000 });
        await page.Locator("[data-waves]").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(page).ToHaveURLAsync(new Regex("at=1[0-9]"));
    }

    [Fact]
    public async Task Keys_MoveZoomAndGoFromEventToEvent_AndTheAddressLeadsBack()
    {
        var page = await OpenAsync();
        var waves = page.Locator("[data-waves]");
        await waves.FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Expect(waves).ToHaveAttributeAsync("aria-valuetext", "0:56.2");
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("Shift+ArrowRight");
        await Expect(waves).ToHaveAttributeAsync("aria-valuetext", "0:01.1");
        await page.Keyboard.PressAsync("n");
        await Expect(waves).ToHaveAttributeAsync("aria-valuetext", "0:06.3");
        await page.Keyboard.PressAsync("+");
        await Expect(waves).ToHaveAttributeAsync("data-to", new Regex("^(28|3[01])"));
        await page.Keyboard.PressAsync("End");
        await Expect(waves).ToHaveAttributeAsync("data-to", "56.25");
        await page.Keyboard.PressAsync("p");
        await Expect(page).ToHaveURLAsync(new Regex("at="));
        await page.GetByLabel("Processed").CheckAsync();
        await Expect(page).ToHaveURLAsync(new Regex("from=28.*mix=.*processed"));
        var (moment, from) = (await waves.GetAttributeAsync("aria-valuetext"), await waves.GetAttributeAsync("data-from"));
        await page.ReloadAsync();

        await Expect(waves).ToHaveAttributeAsync("aria-valuetext", moment!);
        await Expect(waves).ToHaveAttributeAsync("data-from", from!);
        await Expect(page.GetByLabel("Processed")).ToBeCheckedAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "All", Exact = true }).ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(new Regex("from="));
    }

    [Fact]
    public async Task Waveform_DraggedWheeledAndMarked_SeeksZoomsAndTellsTheLink()
    {
        var page = await OpenAsync();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var waves = page.Locator("[data-waves]");
        var box = (await page.Locator("[data-track=loopback]").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width / 4, box.Y + 20);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + 20, new MouseMoveOptions { Steps = 4 });
        await page.Mouse.UpAsync();
        await Expect(page.Locator("[data-clock]")).ToHaveTextAsync("0:28.1");

        await page.Keyboard.DownAsync("Control");
        await page.Mouse.WheelAsync(0, -120);
        await page.Keyboard.UpAsync("Control");
        await Expect(waves).ToHaveAttributeAsync("data-from", new Regex("^9"));
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Zoom in" }).ClickAsync();
        await Expect(waves).ToHaveAttributeAsync("data-from", new Regex("^1[89]"));
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Zoom out" }).ClickAsync();
        await Expect(waves).ToHaveAttributeAsync("data-from", new Regex("^9"));
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "All", Exact = true }).ClickAsync();
        // What is clicked next must have come to its place.
        await Expect(waves).ToHaveAttributeAsync("data-from", new Regex("^0"));

        await page.Locator(".vc-mark-verdict").First.ClickAsync(new LocatorClickOptions { Force = true });
        await Expect(page.Locator("[data-clock]")).ToHaveTextAsync("0:07.4");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Copy link to this moment" }).ClickAsync();
        await Expect(page.Locator("[data-said]")).ToHaveTextAsync("The link was copied.");
        Assert.Matches("at=7.4", await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }

    [Fact]
    public async Task Waveform_Clicked_SeeksThere_AndAnEventToo()
    {
        var page = await OpenAsync();
        var box = (await page.Locator("[data-track=processed]").BoundingBoxAsync())!;
        await page.Mouse.ClickAsync(box.X + box.Width / 2, box.Y + 20);
        await Expect(page.Locator("[data-clock]")).ToHaveTextAsync("0:28.1");

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Verdict: stop" }).First.ClickAsync();
        await Expect(page.Locator("[data-clock]")).ToHaveTextAsync("0:07.4");
        Assert.True(await page.Locator("[data-track=microphone] path").EvaluateAsync<int>("p => p.getBBox().height") > 50);
    }

    [Fact]
    public async Task Tags_AddedAndRemoved_AreStored()
    {
        var page = await OpenAsync();
        await page.GetByLabel("New tag").FillAsync("demo");
        await page.GetByLabel("New tag").PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Remove tag demo" })).ToBeVisibleAsync();
        Assert.Equal(["demo"], (await _console.Services.GetRequiredService<ConversationLibrary>().ChoicesAsync()).Tags);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Remove tag demo" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Remove tag demo" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Ticket_OfAPage_EndsWithIt()
    {
        var page = await OpenAsync();
        await Expect(page.Locator("audio")).ToHaveAttributeAsync("src", new Regex("recordings/"));
        var sound = new Uri(new Uri(_console.Address), await page.Locator("audio").GetAttributeAsync("src"));
        Assert.Equal(200, (await page.Context.APIRequest.GetAsync(sound.ToString())).Status);
        using var stranger = new HttpClient();
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await stranger.GetAsync(sound)).StatusCode);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "All conversations" }).ClickAsync();
        await Expect(page.GetByText("1 stored")).ToBeVisibleAsync();

        Assert.Equal(404, (await page.Context.APIRequest.GetAsync(sound.ToString())).Status);
    }

    [Theory]
    [InlineData("not-there", "There is no such conversation.")]
    [InlineData("silent", "The sound of this conversation was not recorded.")]
    public async Task Conversation_ThatIsGoneOrSilent_SaysSo(string which, string sentence)
    {
        var id = which == "silent" ? await _console.StoreAsync(StoredConsole.Start, SampleConversation.Turn(1)) : Guid.NewGuid();
        var page = await _console.OpenAsync(chromium, $"/conversations/{id}", which == "silent" ? "hello" : "Conversation");
        await Expect(page.GetByText(sentence)).ToBeVisibleAsync();
        await PageChecks.AssertAccessibleAsync(page);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Page_IsAccessibleAndFits(ColorScheme scheme, int width)
    {
        var page = await OpenAsync("?at=7.5", width, scheme);
        await Expect(page.Locator(".vc-lit")).ToHaveCountAsync(1);
        await Shots.TakeAsync(page, $"replay-{scheme}-{width}", (scheme, width) switch { (ColorScheme.Light, 1280) => "replay", (ColorScheme.Dark, 1280) => "replay-dark", _ => null });
        await PageChecks.AssertAccessibleAsync(page);
        await PageChecks.AssertFitsAsync(page);
    }

    private async Task<IPage> OpenAsync(string query = "", int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await _console.OpenAsync(chromium, $"/conversations/{_id}{query}", "what is the weather like", width, scheme);
        await Expect(page.Locator("[data-ready]")).ToBeVisibleAsync();
        return page;
    }

    private static TurnEvent[] Turns() =>
    [
        .. Words(SampleConversation.Turn(1, "what is the weather like", "interrupted")),
        .. Words(SampleConversation.Turn(2, "and the time")),
        .. SampleConversation.Turn(3, "say more")[..5], new TurnFailed(new TurnId(3), 320_000, "model", "The model stopped answering.", "See that its server runs."),
        new TurnCompleted(new TurnId(3), 320_000, "failed"),
    ];

    private static IEnumerable<TurnEvent> Words(TurnEvent[] turn)
    {
        foreach (var e in turn)
        {
            yield return e;
            if (e is PlaybackStarted)
            {
                yield return new WordHeard(e.Turn, e.Position + 6000, 0, 4);
                yield return new WordHeard(e.Turn, e.Position + 12_000, 5, 4);
            }
        }
    }
}
