using System.Text.RegularExpressions;
using Microsoft.Playwright;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

[Collection(RealTime.Name)]
public sealed class LanguageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private StoredConsole _console = null!;

    public async ValueTask InitializeAsync() => _console = await StoredConsole.StartAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Language_Chosen_HoldsOnEveryPageAfterAReload_AndNoSentenceIsLeftInEnglish()
    {
        var id = await _console.StoreRecordedAsync(StoredConsole.Start, SampleConversation.Turn(1, "天气怎么样"));
        var page = await _console.OpenAsync(chromium, "/latency?days=30", "Latency");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "中文" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "延迟", Level = 1 })).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(new Regex("latency\\?days=30$"));
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "zh-Hans");

        foreach (var (path, heading) in new[] { ("/", "实时"), ("/conversations", "对话"), ("/latency", "延迟"), ("/echo", "回声"), ("/training", "训练"), ("/settings", "设置"), ("/health", "健康"), ($"/conversations/{id}", "天气怎么样"), ($"/conversations/{id}/what-if", "假如") })
        {
            await page.GotoAsync(_console.Address + path);
            await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = heading, Level = 1 })).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });
            Assert.Equal((path, ""), (path, await EnglishAsync(page)));
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
            if (node.parentElement.closest('script, noscript, code, style, title, option, [dir=auto], textarea, .vc-licence, .vc-brand')) continue;
            if (/[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}/.test(node.textContent)) left.push(node.textContent.trim());
          }
          for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
            for (const name of ['aria-label', 'title', 'placeholder']) {
              const text = element.getAttribute(name) ?? '';
              if (!element.matches('textarea') && /[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}/.test(text)) left.push(text);
            }
          return left.join(' | ');
        })()
        """);
}
