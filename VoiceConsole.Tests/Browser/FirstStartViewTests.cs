using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Live;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

/// <summary>The page while the console's parts are being fetched.</summary>
[Collection(Pages.Name)]
public sealed class FirstStartViewTests(Chromium chromium) : IAsyncLifetime
{
    private readonly TempFolder _home = new();
    private readonly GatedSource _source = new();
    private WebApplication _app = null!;
    private IPage? _page;

    public async ValueTask InitializeAsync()
    {
        var store = _source.Store(_home);
        _app = ConsoleHost.Build(
            new ConsoleHostOptions { Port = 0, Request = new ConversationRequest { Device = "wav", Voice = "flite-slt", LanguageModel = "http://localhost:8080" } },
            services => services
                .AddSingleton(store)
                .AddSingleton<IConversationFactory>(new NeedsPart(store, "flite"))
                .AddHostedService(provider => provider.GetRequiredService<FirstStart>()));
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // A page that still looks on would render what is being taken down.
        if (_page is not null)
            await _page.Context.CloseAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _home.Dispose();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Parts_AreShownWhileTheyCome_CanBeRetriedByKeyboard_AndVanishWhenAllAreThere(ColorScheme scheme, int width)
    {
        var page = await OpenAsync(width, scheme);
        var part = page.Locator("[data-part=webrtc]");
        (await _source["webrtc"].Report.Task)(1_500_000);
        await Expect(part).ToContainTextAsync("Fetching 1.5 of 3.0 MB");
        await Expect(part).ToContainTextAsync("Apache-2.0, BSD-3-Clause");
        await Expect(part.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("aria-valuenow", "50");
        await Expect(page.GetByRole(AriaRole.Progressbar, new PageGetByRoleOptions { Name = "All parts" })).ToHaveAttributeAsync("aria-valuenow", "10");
        await Expect(page.Locator("[data-part=flite]")).ToContainTextAsync("Waiting, 3.0 MB");
        await Expect(page.GetByText("0 of 5 parts ready. Fetching The webrtc.")).ToHaveAttributeAsync("aria-live", "polite");

        _source["webrtc"].End.SetException(new ModelUnavailableException("The webrtc is out of reach.", "Connect to the network."));
        await Expect(part).ToContainTextAsync("The webrtc is out of reach. Connect to the network.");
        (await _source["silero-vad"].Report.Task)(700_000);
        await Expect(page.Locator("[data-part=silero-vad]")).ToContainTextAsync("Fetching 0.7 of 3.0 MB");
        await Shots.TakeAsync(page, $"first-start-{scheme}", scheme == ColorScheme.Light ? "first-start" : null);
        Assert.Empty((await page.RunAxe()).Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{v.Id}: {v.Nodes[0].Html}"));
        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= width);

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Retry The webrtc" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(part).ToContainTextAsync("Waiting");
        EndAll();
        await Expect(page.Locator(".vc-first")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task StartPressedMeanwhile_WaitsForItsPart_AndThenTalks()
    {
        var page = await OpenAsync(1280, ColorScheme.Light);
        await _source["webrtc"].Report.Task;
        await page.Keyboard.PressAsync("Alt+s");
        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("Starting");
        await Expect(page.Locator("[data-part=alsa]")).ToContainTextAsync("Fetching");
        EndAll();

        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("Listening");
        await Expect(page.Locator(".vc-first")).ToHaveCountAsync(0);
    }

    private void EndAll()
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "alsa", "flite" })
            _source[part].End.TrySetResult();
    }

    private async Task<IPage> OpenAsync(int width, ColorScheme scheme)
    {
        var page = _page = await chromium.PageAsync(width, scheme: scheme);
        await page.GotoAsync(_app.Urls.First());
        await Expect(page.Locator(".vc-first")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });
        return page;
    }

    private sealed class NeedsPart(ModelStore store, string part) : IConversationFactory
    {
        public async Task<IConversation> CreateAsync(ConversationRequest request, IProgress<string>? progress, CancellationToken cancellationToken)
        {
            await store.RequireAsync(part, null, cancellationToken);
            return new FakeConversation();
        }
    }
}
