using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

[Collection(Pages.Name)]
public sealed class LanguageTests(Chromium chromium) : IAsyncLifetime
{
    private StoredConsole _console = null!;

    private readonly FakeConversation _conversation = new() { Echo = new EchoReading(64, 18.5, 22, 31.5, -4, 1, true, false, false) };

    public async ValueTask InitializeAsync() => _console = await StoredConsole.StartAsync(_ => _conversation);

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Language_Chosen_HoldsOnEveryPageAfterAReload_AndNoSentenceIsLeftInEnglish()
    {
        // Every kind of sentence that the engine makes, on the pages while a conversation goes on and in what is stored of it.
        var id = await _console.StoreRecordedAsync(StoredConsole.Start,
        [
            .. SampleConversation.Turn(1, "天气怎么样"),
            new VerdictReached(new TurnId(1), 119_400, "stop", "Somebody speaks: 320 ms of speech, of which the echo explains nothing.", new Dictionary<string, double> { ["clear bands"] = 7, ["own words"] = 0.5 }),
            new TurnInterrupted(new TurnId(1), 119_500, "speech", 119_500), new TurnDropped(new TurnId(2), 200_000, "the user went on speaking"),
            new TurnFailed(new TurnId(3), 300_000, "model", "tiny gave an empty reply.", "Ask again, or choose another model."),
            new EngineSwapped(310_000, "Voice", "flite-slt", "flite-rms", 120, 15),
        ]);
        _console.Services.GetRequiredService<StorageStatus>().Tell("3 unfinished recordings were repaired and can be played to their end.");
        EchoResults.Keep(_console.Paths, EchoPageTests.Report());
        await _console.Services.GetRequiredService<ConversationHost>().StartAsync();
        foreach (var e in SampleConversation.Turn(1, "天气怎么样"))
            _conversation.Events.Publish(e);
        _conversation.IsHalfDuplex = true;
        _conversation.Events.Publish(new HalfDuplexChanged(160_000, true, "Two turns in a row were the console's own words. It no longer listens while it speaks."));
        _conversation.Events.Publish(new TurnDropped(new TurnId(2), 200_000, "the user went on speaking"));
        _conversation.Events.Publish(new TurnFailed(new TurnId(3), 300_000, "model", "tiny gave an empty reply.", "Ask again, or choose another model."));
        _conversation.Events.Publish(new GenerationRetried(new TurnId(4), 400_000, 2, "other", "There is no model file 'tiny'."));
        _conversation.Events.Publish(new VerdictReached(new TurnId(4), 400_000, "stop", "Somebody speaks: 320 ms of speech, of which the echo explains nothing.", new Dictionary<string, double> { ["clear bands"] = 7 }));
        var page = await _console.OpenAsync(chromium, "/latency?days=30", "Latency");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "中文" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "延迟", Level = 1 })).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(new Regex("latency\\?days=30$"));
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "zh-Hans");

        foreach (var (path, heading) in new[] { ("/", "实时"), ("/conversations", "对话"), ("/latency", "延迟"), ("/echo", "回声"), ("/models", "模型"), ("/training", "训练"), ("/settings", "设置"), ("/health", "健康"), ($"/conversations/{id}", "天气怎么样"), ($"/conversations/{id}/what-if", "假如") })
        {
            await page.GotoAsync(_console.Address + path);
            await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = heading, Level = 1 })).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });
            Assert.Equal((path, ""), (path, await EnglishAsync(page)));
            if (path == "/")
                await Shots.TakeAsync(page, "live-chinese", "live-chinese");
        }

        await Shots.TakeAsync(page, "chinese");
        await PageChecks.AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "English" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "What if", Level = 1 })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("/\\evil.example")]
    public async Task Language_ChosenWithAStrangersWayBack_LeadsHome(string back)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var response = await http.GetAsync($"{_console.Address}/language/zh?back={Uri.EscapeDataString(back)}");
        Assert.Equal("/", response.Headers.Location!.OriginalString);
        Assert.Contains("voiceconsole-language=zh", response.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        using var unknown = await http.GetAsync($"{_console.Address}/language/tlh");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, unknown.StatusCode);
    }

    // Sentences: three words in a row. Commands, names of engines and what was stored are no sentences of the page.
    private static Task<string> EnglishAsync(IPage page) => page.EvaluateAsync<string>("""
        (() => {
          const left = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const node = walk.currentNode;
            if (node.parentElement.closest('script, noscript, code, style, title, [data-stored]:not([data-stored="False"]), textarea, .vc-licence, .vc-brand, .vc-offer-name, .vc-part-name')) continue;
            if (/[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}/.test(node.textContent)) left.push(node.textContent.trim());
          }
          for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
            for (const name of ['aria-label', 'title', 'placeholder']) {
              const text = element.getAttribute(name) ?? '';
              if (!element.matches('textarea, .vc-licence, [data-stored] *') && /[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}/.test(text)) left.push(text);
            }
          return left.join(' | ');
        })()
        """);
}
