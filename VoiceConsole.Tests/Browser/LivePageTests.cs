using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Live;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

[Collection(RealTime.Name)]
public sealed class LivePageTests(Chromium chromium) : IAsyncLifetime
{
    private readonly FakeConversation _conversation = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        _app = ConsoleHost.Build(
            new ConsoleHostOptions { Port = 0 },
            services => services.AddSingleton<IConversationFactory>(new FakeConversationFactory(() => _conversation)));
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Conversation_StartedAndAnswered_ShowsMessagesAndWaterfall()
    {
        var page = await StartedAsync();
        _conversation.PlayTwoTurns("what is the time", "Ten o'clock it is now.");

        await Expect(page.GetByText("what is the time")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-heard]").First).ToHaveTextAsync("Ten o'clock");
        await Expect(page.Locator(".vc-total")).ToHaveTextAsync("1220 ms");
        await Expect(page.GetByText("(stand-in for Whisper.net)")).ToBeVisibleAsync();
        await Shots.TakeAsync(page, "live", "live");

        _conversation.Events.Publish(new VerdictReached(new TurnId(2), 130_000, "backchannel", "A hum that asks for nothing.", new Dictionary<string, double>()));
        await Expect(page.Locator(".vc-verdicts li")).ToHaveTextAsync("backchannel A hum that asks for nothing.");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Stop" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("Stopped");
        Assert.True(_conversation.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Turn_InTheMaking_IsShownWordByWord_AndTheLevelsMove()
    {
        var turn = new TurnId(1);
        var page = await StartedAsync();
        var partial = page.Locator(".vc-partial .vc-words");
        _conversation.Events.Publish(new SpeechStarted(turn, 16_000, 16_000));
        foreach (var words in new[] { "what", "what is the" })
        {
            _conversation.Events.Publish(new TranscriptChanged(turn, 17_000, words));
            await Expect(partial).ToHaveTextAsync(words);
        }

        _conversation.Events.Publish(new SpeechEnded(turn, 30_000, 20_000));
        _conversation.Events.Publish(new TranscriptCompleted(turn, 31_000, "what is the time", "en", null));
        await Expect(partial).ToHaveCountAsync(0);
        await Expect(page.GetByText("what is the time")).ToBeVisibleAsync();
        foreach (var (index, token, shown) in new[] { (0, "It ", "It"), (1, "is ", "It is"), (2, "ten.", "It is ten.") })
        {
            _conversation.Events.Publish(new TokenGenerated(turn, 32_000, index, token));
            await Expect(page.Locator("[data-unheard]")).ToHaveTextAsync(shown);
        }

        _conversation.Events.Publish(new PlaybackStarted(turn, 34_000));
        _conversation.Events.Publish(new WordHeard(turn, 36_000, 0, 2));
        await Expect(page.Locator("[data-heard]")).ToHaveTextAsync("It");
        await Expect(page.Locator("[data-unheard]")).ToHaveTextAsync("is ten.");

        await ExpectLevelsAsync("-24", "-18", "-52", "60%");
        _conversation.Meters = new MeterReading(-3, MeterReading.Silence, -45, 0.9f, 40_000);
        await ExpectLevelsAsync("-3", "-100", "-45", "95%");

        async Task ExpectLevelsAsync(string microphone, string loudspeaker, string processed, string bar)
        {
            foreach (var (name, level) in new[] { ("Microphone", microphone), ("Loudspeaker", loudspeaker), ("Processed", processed) })
                await Expect(page.GetByRole(AriaRole.Meter, new PageGetByRoleOptions { Name = $"{name} level" })).ToHaveAttributeAsync("aria-valuenow", level);
            await Expect(page.GetByRole(AriaRole.Meter, new PageGetByRoleOptions { Name = "Microphone level" }).Locator(".vc-meter-bar")).ToHaveAttributeAsync("width", bar);
        }
    }

    [Fact]
    public async Task Text_EnteredInTheChatBox_ReachesTheConversation()
    {
        var page = await StartedAsync();
        var box = page.GetByLabel("Write instead of speaking");
        await box.FillAsync("hello there");
        await box.PressAsync("Enter");

        Assert.Equal("hello there", await _conversation.Said.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        await Expect(box).ToHaveValueAsync("");
    }

    [Fact]
    public async Task Text_OfAHundredThousandCharacters_StaysInTheBoxWithAMessage()
    {
        var page = await StartedAsync();
        var box = page.GetByLabel("Write instead of speaking");
        await box.FillAsync(new string('x', 100_000));

        await Expect(page.GetByText("100,000 characters are too many")).ToBeVisibleAsync();
        await box.PressAsync("Enter");
        Assert.Equal(100_000, (await box.InputValueAsync()).Length);
        Assert.False(_conversation.Said.Task.IsCompleted);
    }

    [Fact]
    public async Task Escape_WhileSpeaking_Interrupts()
    {
        _conversation.State = ConversationState.Speaking;
        var page = await StartedAsync("Speaking");
        await page.Keyboard.PressAsync("Escape");
        await _conversation.Interrupted.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(_conversation.Interrupted.Task.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Page_BeforeAndInAConversation_HasNoSeriousAccessibilityViolation(ColorScheme scheme)
    {
        var page = await OpenAsync(scheme: scheme);
        await Shots.TakeAsync(page, $"empty-{scheme}");
        await AssertAccessibleAsync(page);
        await page.Keyboard.PressAsync("Alt+s");
        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("Listening");
        _conversation.PlayTwoTurns("what is the time", "Ten o'clock it is now.");
        await Expect(page.Locator(".vc-total")).ToBeVisibleAsync();
        await Shots.TakeAsync(page, $"talk-{scheme}");
        await AssertAccessibleAsync(page);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Storage_ThatFailsAndHasNotices_IsShownAccessibly_AndANoticeIsReadAway(ColorScheme scheme)
    {
        var storage = _app.Services.GetRequiredService<StorageStatus>();
        storage.Tell("Turn 2 of the conversation was cut off when the process ended.");
        storage.Problem = new LiveProblem("Conversations are not being stored. The disk is full.", "Free some space.");
        var page = await OpenAsync(scheme: scheme);

        await Expect(page.GetByRole(AriaRole.Alert).Filter(new LocatorFilterOptions { HasText = "Free some space." })).ToBeVisibleAsync();
        var notice = page.GetByRole(AriaRole.Status).Filter(new LocatorFilterOptions { HasText = "Turn 2 of the conversation was cut off" });
        await Expect(notice).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await notice.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(notice).ToHaveCountAsync(0);
        Assert.Empty(storage.Notices);
    }

    [Fact]
    public async Task Theme_Toggled_ChangesThePage_AndTheSystemNoLongerChangesIt()
    {
        var page = await OpenAsync();
        var light = await BackgroundAsync();

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Use the dark theme" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Use the light theme" })).ToBeVisibleAsync();
        var dark = await BackgroundAsync();
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Use the light theme" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Use the dark theme" })).ToBeVisibleAsync();

        Assert.NotEqual(light, dark);
        Assert.Equal(light, await BackgroundAsync());

        Task<string> BackgroundAsync() => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
    }

    [Fact]
    public async Task Mute_ByKeyAndByButton_SilencesTheMicrophoneAndSaysSo()
    {
        var page = await StartedAsync();
        await page.Keyboard.PressAsync("Alt+m");
        var muted = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Muted" });
        await Expect(muted).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.True(_conversation.Muted);

        await muted.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Mute", Exact = false })).ToHaveAttributeAsync("aria-pressed", "false");
        Assert.False(_conversation.Muted);
    }

    [Fact]
    public async Task Page_360PixelsWide_HasNoHorizontalScroll()
    {
        var page = await StartedAsync(width: 360);
        _conversation.PlayTwoTurns(new string('w', 300), "Ten o'clock it is now.");
        await Expect(page.Locator(".vc-total")).ToBeVisibleAsync();
        await Shots.TakeAsync(page, "phone");
        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= 360);
        await AssertAccessibleAsync(page);
    }

    private static async Task AssertAccessibleAsync(IPage page)
    {
        var found = await page.RunAxe();
        Assert.Empty(found.Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{v.Id}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}"));
    }

    private async Task<IPage> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await chromium.PageAsync(width, scheme: scheme);
        await page.GotoAsync(_app.Urls.First());
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Live" })).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });
        return page;
    }

    private async Task<IPage> StartedAsync(string state = "Listening", int width = 1280)
    {
        var page = await OpenAsync(width);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Start" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync(state);
        return page;
    }
}
