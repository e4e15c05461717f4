using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench.Tiny;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

/// <summary>Choosing engines, with and without a conversation that goes on.</summary>
[Collection(Pages.Name)]
public sealed class ModelsPageTests(Chromium chromium) : IAsyncLifetime
{
    private readonly TempFolder _home = new();
    private readonly FakeConversation _talk = new();
    private readonly GatedSource _parts = new();
    private WebApplication _app = null!;
    private IPage? _page;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_home / "models");
        File.Copy(TinyLlama.Require(_home), _home / "models/stories.gguf");
        await File.WriteAllTextAsync(_home / "models/broken.gguf", "no model at all");
        _app = ConsoleHost.Build(
            new ConsoleHostOptions { Port = 0, Request = new ConversationRequest { Device = "room" } },
            services => services
                .AddSingleton(new ConsolePaths(_home.Path))
                .AddSingleton(_parts.Store(_home))
                .AddSingleton<IConversationFactory>(new TheFake(_talk)));
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
            await _page.Context.CloseAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _home.Dispose();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task EnginesOnDisk_AreShownWithTheirFacts_AndAChoiceIsLoadedWhileTheOldOneServes(ColorScheme scheme, int width)
    {
        await Host.StartAsync();
        var page = await OpenAsync(width, scheme);
        var languages = page.Locator("[data-kind=LanguageModel]");
        await Expect(languages.GetByRole(AriaRole.Status)).ToHaveTextAsync("Serving: stories260K");
        var stories = languages.Locator("li", new LocatorLocatorOptions { HasText = "512 tokens" });
        await Expect(stories).ToContainTextAsync("llama");
        await Expect(stories).ToContainTextAsync("no chat template");
        await Expect(languages.Locator("li", new LocatorLocatorOptions { HasText = "broken" })).ToContainTextAsync("it does not begin with 'GGUF'");
        await Expect(languages.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Use broken" })).ToBeDisabledAsync();
        await Shots.TakeAsync(page, $"models-{scheme}", scheme == ColorScheme.Light ? "models" : null);
        Assert.Empty((await page.RunAxe()).Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{v.Id}: {v.Nodes[0].Html}"));
        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= width);

        var loading = new TaskCompletionSource();
        _talk.Swap = loading.Task;
        await stories.GetByRole(AriaRole.Button).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(languages.GetByRole(AriaRole.Status)).ToContainTextAsync("Loading");
        await Expect(languages.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync();
        _talk.Events.Publish(new EngineSwapped(16_000, "LanguageModel", "stories260K", "stories", 120, 15));
        loading.SetResult();

        await Expect(languages.GetByRole(AriaRole.Status)).ToHaveTextAsync("Serving: stories");
        await Expect(stories).ToContainTextAsync("In use");
        Assert.Equal((EngineKind.LanguageModel, _home / "models/stories.gguf"), Assert.Single(_talk.Swaps));
        Assert.Equal(_home / "models/stories.gguf", Host.Request.LanguageModel);
    }

    [Fact]
    public async Task ChoiceThatFails_IsToldWithItsRemedy_AndChangesNothing()
    {
        await Host.StartAsync();
        _talk.Swap = Task.FromException(new ModelUnavailableException("The <b>rms</b> is out of reach.", "Connect to the network."));
        var page = await OpenAsync(1280, ColorScheme.Light);
        var voices = page.Locator("[data-kind=Voice]");
        await voices.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Use flite-rms" }).ClickAsync();

        await Expect(voices.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The <b>rms</b> is out of reach. Connect to the network.");
        await Expect(voices.GetByRole(AriaRole.Status)).ToHaveTextAsync("Serving: flite-slt");
        Assert.Null(Host.Request.Voice);

        _talk.Swap = new TaskCompletionSource().Task;
        await voices.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Use flite-awb" }).ClickAsync();
        await voices.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Cancel the loading" }).ClickAsync();
        await Expect(voices.GetByRole(AriaRole.Status)).ToHaveTextAsync("Serving: flite-slt");
    }

    [Fact]
    public async Task WithoutConversation_TheNextOneTakesTheChoice_AndAFileDroppedInAppears()
    {
        var page = await OpenAsync(1280, ColorScheme.Light);
        var languages = page.Locator("[data-kind=LanguageModel]");
        File.Copy(_home / "models/stories.gguf", _home / "models/dropped.gguf");
        await Expect(languages.Locator("li")).ToHaveCountAsync(3, new LocatorAssertionsToHaveCountOptions { Timeout = 30_000 });

        var server = page.GetByLabel("A model server");
        await server.FillAsync("ftp://nowhere");
        await page.Keyboard.PressAsync("Enter");
        await Expect(languages.GetByRole(AriaRole.Alert)).ToContainTextAsync("is no address of a model server");
        await server.FillAsync("http://localhost:8080");
        await page.Keyboard.PressAsync("Enter");

        await Expect(languages.GetByRole(AriaRole.Status)).ToHaveTextAsync("Next conversation: http://localhost:8080");
        Assert.Empty(_talk.Swaps);
        Assert.Equal("http://localhost:8080", Host.Request.LanguageModel);
    }

    [Fact]
    public async Task ModelForAdults_IsNowhereUntilItIsAskedFor_AndThenSaysWhereToPutIt()
    {
        File.Copy(_home / "models/stories.gguf", _home / "models/grown-up.gguf");
        var page = await OpenAsync(1280, ColorScheme.Light);
        var languages = page.Locator("[data-kind=LanguageModel]");
        var part = page.Locator("[data-part=grown-up]");
        await Expect(languages.Locator("li")).ToHaveCountAsync(2);
        await Expect(page.Locator("[data-part=llama]")).ToBeVisibleAsync();
        await Expect(part).ToHaveCountAsync(0);

        await page.GetByLabel("Offer models that were made for adult content").CheckAsync();

        await Expect(part).ToContainTextAsync("(adult content)");
        await Expect(part).ToContainTextAsync("put grown-up.gguf into models/");
        await Expect(part.GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        await Expect(languages.Locator("li")).ToHaveCountAsync(3);
        Assert.Contains("\"adultModels\": true", await File.ReadAllTextAsync(_home / "data/settings.json", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await page.GetByLabel("Offer models that were made for adult content").UncheckAsync();

        await Expect(part).ToHaveCountAsync(0);
        await Expect(languages.Locator("li")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task VoiceDroppedIn_AppearsWithItsFactsAndFigures_AndServesWhenChosen()
    {
        await Host.StartAsync();
        _parts["alsa"].End.SetResult();
        _parts["flite"].End.SetResult();
        await _app.Services.GetRequiredService<ModelStore>().RequireAsync("flite", null, TestContext.Current.CancellationToken);
        var page = await OpenAsync(1280, ColorScheme.Light);
        var voices = page.Locator("[data-kind=Voice]");
        await Expect(voices.Locator("li", new LocatorLocatorOptions { HasText = "flite-rms" })).ToContainTextAsync("3.0 MB · not measured: bench models");
        await Expect(page.Locator("tr[data-part=flite] [data-column=memory]")).ToContainTextAsync("flite-slt: not measured: bench models");
        var file = TinyPiper.Write(_home / "models", "en_US-tones-low", speakers: 4);
        var whisper = TinyWhisper.Write(_home / "models", "ggml-tiny");
        EngineFigures.Write(new ConsolePaths(_home.Path),
        [
            new EngineFigures(EngineKind.Voice, file, "en_US-tones-low", 120, 60_000_000, 85, 0.07, null, 0.01),
            new EngineFigures(EngineKind.Recognizer, whisper, "ggml-tiny", 200, 140_000_000, 300, 0.31, null, 0.01),
        ]);
        await File.WriteAllTextAsync(_home / "models/odd.onnx.json", "{}");

        var offer = voices.Locator("li", new LocatorLocatorOptions { HasText = "en_US-tones-low" });
        await Expect(offer).ToContainTextAsync("4 speakers", new LocatorAssertionsToContainTextOptions { Timeout = 30_000 });
        await Expect(offer).ToContainTextAsync("about 0.3 GB of memory");
        await Expect(page.Locator("[data-kind=Recognizer] li").First).ToContainTextAsync("not measured: bench models");
        await Expect(offer).ToContainTextAsync("0.07 s per second of sound · first sound after 85 ms");
        await Expect(page.Locator("tr[data-part=ggml-tiny] [data-column=memory]")).ToHaveTextAsync("140 MB");
        await Expect(page.Locator("tr[data-part=ggml-tiny] [data-column=speed]")).ToHaveTextAsync("0.31 s per second of sound");
        await Expect(page.Locator("tr[data-part=llama] [data-column=speed]")).ToHaveTextAsync("");
        await Expect(voices.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Use odd" })).ToBeDisabledAsync();
        await offer.GetByRole(AriaRole.Button).ClickAsync();

        await Expect(offer).ToContainTextAsync("In use");
        Assert.Equal((EngineKind.Voice, file), Assert.Single(_talk.Swaps));
    }

    [Fact]
    public async Task Part_IsFetchedWithItsProgress_PausedAndTakenUp_WhetherThePageIsOpenOrNot()
    {
        var page = await OpenAsync(360, ColorScheme.Dark);
        var offer = page.Locator("[data-recommended] [data-part=ggml-tiny]");
        await Expect(offer).ToContainTextAsync("3 MB");
        await Button("Fetch").ClickAsync();
        (await _parts["ggml-tiny"].Report.Task)(1_200_000);
        await Expect(offer.GetByRole(AriaRole.Status)).ToContainTextAsync("Fetching 1.2 of 3.0 MB");
        await Expect(offer.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync();
        await PageChecks.AssertAccessibleAsync(page);
        await PageChecks.AssertFitsAsync(page);
        await Button("Pause").ClickAsync();
        await Expect(offer.GetByRole(AriaRole.Status)).ToHaveTextAsync("Paused at 1.2 of 3.0 MB");

        await Button("Go on with").ClickAsync();
        await _parts["ggml-tiny"].Report.Task;
        await Expect(page.Locator("tr[data-part=ggml-tiny]")).ToContainTextAsync("Fetching 1.2 of 3.0 MB");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Echo", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Echo", Level = 1 })).ToBeVisibleAsync();
        _parts["ggml-tiny"].End.SetResult();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Models", Exact = true }).ClickAsync();
        await Expect(page.Locator("tr[data-part=ggml-tiny]")).ToContainTextAsync("Installed, 1");
        await Expect(page.Locator("tr[data-part=ggml-tiny] [data-column=disk]")).ToHaveTextAsync("3.0 MB");
        await Expect(page.Locator("[data-recommended]")).ToHaveCountAsync(0);

        ILocator Button(string name) => offer.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = $"{name} The ggml-tiny" });
    }

    [Fact]
    public async Task Part_ThatFails_SaysWhatToDo_AndOneCancelledLeavesNothing()
    {
        var page = await OpenAsync(1280, ColorScheme.Light);
        var row = page.Locator("tr[data-part=ggml-tiny]");
        await Button("Fetch").ClickAsync();
        await _parts["ggml-tiny"].Report.Task;
        _parts["ggml-tiny"].End.SetException(new ModelUnavailableException("The <b>hub</b> is out of reach.", "Connect to the network."));
        await Expect(row.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The <b>hub</b> is out of reach. Connect to the network.");

        await Button("Fetch").ClickAsync();
        (await _parts["ggml-tiny"].Report.Task)(2_000_000);
        await Expect(row.GetByRole(AriaRole.Status)).ToContainTextAsync("Fetching 2.0 of 3.0 MB");
        Assert.True(Directory.Exists(_home / "models/.fetch-ggml-tiny"));
        await Button("Cancel").ClickAsync();
        await Expect(Button("Fetch")).ToBeVisibleAsync();
        Assert.False(Directory.Exists(_home / "models/.fetch-ggml-tiny"));

        ILocator Button(string name) => row.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = $"{name} The ggml-tiny" });
    }

    private ConversationHost Host => _app.Services.GetRequiredService<ConversationHost>();

    private async Task<IPage> OpenAsync(int width, ColorScheme scheme)
    {
        var page = _page = await chromium.PageAsync(width, scheme: scheme);
        await page.GotoAsync(_app.Urls.First());
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Models", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Models", Exact = true })).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });
        return page;
    }

    private sealed class TheFake(FakeConversation talk) : IConversationFactory
    {
        public Task<IConversation> CreateAsync(ConversationRequest request, IProgress<string>? progress, CancellationToken cancellationToken) =>
            Task.FromResult<IConversation>(talk);
    }
}
