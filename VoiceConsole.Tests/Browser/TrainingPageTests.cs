using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Cleaning;
using VoiceConsole.Engine.Training.Datasets.Own;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Live;
using VoiceConsole.Web.Live.Training;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

/// <summary>Data sets, and a run from its start to its model in use, in a process of its own as on any machine.</summary>
[Collection(Pages.Name)]
public sealed class TrainingPageTests(Chromium chromium) : IAsyncLifetime
{
    private static readonly string[] s_parts = ["llama", "jinja", "voiceconsole-chat"];

    // On a busy machine anything may take long; only what never comes is an error.
    private const float Patience = 300_000;

    private readonly TempFolder _home = new();
    private WebApplication _app = null!;
    private IPage? _page;

    private ConsolePaths Paths => new(_home.Path);

    public async ValueTask InitializeAsync()
    {
        foreach (var part in s_parts)
            await Parts.FoldersAsync(part);
        var models = ConsolePaths.Find().Models;
        foreach (var file in s_parts.SelectMany(p => Directory.EnumerateFiles(Path.Combine(models, p), "*", SearchOption.AllDirectories)).Append(Path.Combine(models, "catalog.json")))
        {
            var copy = _home / Path.Combine("models", Path.GetRelativePath(models, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var dataset = DatasetFolder.Of(Paths, "own");
        await new DatasetCollector(dataset).CollectAsync([(OwnDataset.Source, OwnDataset.Lines(1, 60_000))], add: false, TestContext.Current.CancellationToken);
        await new DatasetCleaner(new CleaningOptions { RepliesOnly = true }).CleanAsync(dataset, null, TestContext.Current.CancellationToken);
        await NewModel.WriteAsync(dataset, _home / "models/base.gguf", new LlamaShape(32, 48, 1, 2, 2, 256), 1500, 1, cancellationToken: TestContext.Current.CancellationToken);
        _app = ConsoleHost.Build(
            new ConsoleHostOptions { Port = 0, Request = new ConversationRequest { Device = "room" } },
            services => services.AddSingleton(Paths).AddSingleton<IConversationFactory>(new FakeConversationFactory(() => new FakeConversation())));
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
            await _page.Context.CloseAsync();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _home.Dispose();
    }

    [Fact]
    public async Task Run_StartedStoppedAndGoneOnWith_ShowsItsCurveAndSamples_AndItsModelIsTriedAndUsed()
    {
        var page = await OpenAsync();
        await page.GetByLabel("Name", new PageGetByLabelOptions { Exact = true }).FillAsync("mine");
        await page.Locator(".vc-run-form select").Nth(0).SelectOptionAsync("own");
        await page.Locator(".vc-run-form select").Nth(1).SelectOptionAsync(new SelectOptionValue { Label = "base.gguf" });
        await page.GetByLabel("Epochs").FillAsync("5");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Start" }).ClickAsync();
        var standing = page.Locator(".vc-serving");
        await ExpectSoonAsync(standing, new Regex("^Step [1-9].* tokens a second"));
        await Expect(page.Locator(".vc-curve-loss")).ToHaveAttributeAsync("points", new Regex(","), new LocatorAssertionsToHaveAttributeOptions { Timeout = Patience });
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Stop" }).ClickAsync();
        await ExpectSoonAsync(standing, new Regex("^Stopped at step"));
        var stopped = TrainingRun.Of(Paths, "mine").Read()!;
        Assert.InRange(stopped.Step, 1, long.MaxValue);

        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Go on" }).ClickAsync();
        await ExpectSoonAsync(standing, new Regex("^Done at step"));
        Assert.True(TrainingRun.Of(Paths, "mine").Read()!.Step > stopped.Step);
        var samples = page.GetByRole(AriaRole.Group, new PageGetByRoleOptions { Name = "Samples" });
        await Expect(samples.GetByRole(AriaRole.Columnheader)).ToHaveTextAsync(["Step", .. TrainingHost.Prompts], new LocatorAssertionsToHaveTextOptions { Timeout = Patience });

        await page.GetByLabel("Ask both").FillAsync("hello");
        await page.GetByLabel("Ask both").PressAsync("Enter");
        await Expect(page.Locator(".vc-trial")).ToHaveCountAsync(2, new LocatorAssertionsToHaveCountOptions { Timeout = Patience });
        await Expect(page.Locator(".vc-trial .vc-words")).ToHaveCountAsync(2, new LocatorAssertionsToHaveCountOptions { Timeout = Patience });
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Use it from now on" }).ClickAsync();
        await ExpectSoonAsync(page.GetByText("mine-q8_0.gguf serves"), new Regex("from the next turn on"));
        Assert.Equal(_home / "models/mine-q8_0.gguf", _app.Services.GetRequiredService<ConversationHost>().Request.LanguageModel);
        Assert.True(File.Exists(_home / "models/mine-q8_0.gguf"));
    }

    [Fact]
    public async Task RunThatCannotBegin_SaysWhy_AndFormsRefuseWhatMakesNoSense()
    {
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Start" }).ClickAsync();
        await Expect(page.Locator("#run-problem")).ToContainTextAsync("A run's name has letters", new LocatorAssertionsToContainTextOptions { Timeout = Patience });
        await page.GetByLabel("Name", new PageGetByLabelOptions { Exact = true }).FillAsync("broken");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Start" }).ClickAsync();
        await Expect(page.Locator("#run-problem")).ToHaveTextAsync("Choose a data set.", new LocatorAssertionsToHaveTextOptions { Timeout = Patience });
        await page.Locator(".vc-run-form select").Nth(0).SelectOptionAsync("own");
        await page.Locator(".vc-run-form select").Nth(1).SelectOptionAsync(new SelectOptionValue { Label = "base.gguf" });
        await File.WriteAllTextAsync(_home / "models/base.gguf", "no model any more");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Start" }).ClickAsync();

        await ExpectSoonAsync(page.Locator(".vc-part-problem"), new Regex("it does not begin with 'GGUF'"));
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task DataOfStrangers_IsShownAsText_AndThePageIsAccessible(ColorScheme scheme, int width)
    {
        const string Hostile = "<img src=x onerror=alert(1)>\u202eevil";
        var dataset = DatasetFolder.Of(Paths, "strange");
        await new DatasetCollector(dataset).CollectAsync([(Hostile, Lines(Hostile))], add: false, TestContext.Current.CancellationToken);
        await new DatasetCleaner(new CleaningOptions()).CleanAsync(dataset, null, TestContext.Current.CancellationToken);
        var run = TrainingRun.Of(Paths, "looked-at");
        run.Write(new TrainingState("base.gguf", "own", "", new FineTuneOptions(), 40, 1.5, 20, 1, false));
        for (var step = 20; step <= 40; step += 20)
        {
            run.Append(new FineTuneProgress(step, 100, 1, 60.0 / step, 0.5, 50.0 / step, 50.0 / step, 900, TimeSpan.FromMinutes(1)));
            run.Append(new TrainingSample(step, "hello", Hostile));
        }

        var page = await OpenAsync(width, scheme);
        await page.Locator("summary").First.ClickAsync();
        await Expect(page.Locator("[data-dataset=strange]")).ToContainTextAsync("<img src=x onerror=alert(1)>\ufffdevil", new LocatorAssertionsToContainTextOptions { Timeout = Patience });
        await Expect(page.Locator("td").First).ToHaveTextAsync("<img src=x onerror=alert(1)>\ufffdevil");
        Assert.Equal(0, await page.Locator("main img").CountAsync());
        await Shots.TakeAsync(page, $"training-{scheme}", scheme == ColorScheme.Light ? "training" : null);
        await PageChecks.AssertAccessibleAsync(page);
        await PageChecks.AssertFitsAsync(page);

        static async IAsyncEnumerable<DatasetLine> Lines(string source)
        {
            await Task.CompletedTask;
            string[] replies = ["It is a fine day in the town.", "Write to me at somebody@example.org please.", "The train leaves at noon from here."];
            foreach (var (i, reply) in replies.Index())
                yield return new DatasetLine(i + 1, new DatasetRecord($"s-{i}", [new("user", $"What do you say to number {i}?"), new("assistant", reply)], "en", source, "MIT", "a test", []), null);
        }
    }

    private static Task ExpectSoonAsync(ILocator locator, Regex text) => Expect(locator).ToHaveTextAsync(text, new LocatorAssertionsToHaveTextOptions { Timeout = Patience });

    private async Task<IPage> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        var page = _page = await chromium.PageAsync(width, scheme: scheme);
        await page.GotoAsync(_app.Urls.First());
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Training", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Training", Exact = true })).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = Patience });
        return page;
    }
}
