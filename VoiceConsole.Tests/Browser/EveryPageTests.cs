using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Browser;

/// <summary>What holds for every page, on one console and in one window that changes its size and its theme.</summary>
[Collection(Pages.Name)]
public sealed class EveryPageTests(Chromium chromium) : IAsyncLifetime
{
    private readonly FakeConversation _conversation = new() { Echo = new EchoReading(64, 18.5, 22, 31.5, -4, 1, true, false, false) };
    private StoredConsole _console = null!;

    public async ValueTask InitializeAsync() => _console = await StoredConsole.StartAsync(_ => _conversation);

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task FromAPhoneToA4KScreen_InBothThemes_NothingSticksOutOrIsHardToReadOrBreaksThePolicy()
    {
        var id = await _console.StoreRecordedAsync(StoredConsole.Start, [.. SampleConversation.Turn(1, "what is the weather like"), .. SampleConversation.Turn(2, "怎么样", "interrupted")]);
        EchoResults.Keep(_console.Paths, EchoPageTests.Report());
        await _console.Services.GetRequiredService<ConversationHost>().StartAsync();
        _conversation.PlayTwoTurns("what is the time", "Ten o'clock it is now.");
        var page = await _console.OpenAsync(chromium, "/", "Live");
        await page.AddInitScriptAsync("window.refused = []; document.addEventListener('securitypolicyviolation', e => window.refused.push(`${e.violatedDirective} ${e.blockedURI}`));");

        foreach (var path in new[] { "/", "/conversations", "/latency", "/models", "/training", "/echo", "/settings", "/health", $"/conversations/{id}", $"/conversations/{id}/what-if" })
        {
            await page.GotoAsync(_console.Address + path);
            await page.Locator("h1").WaitForAsync(new LocatorWaitForOptions { Timeout = 30_000 });
            foreach (var (width, scheme) in new[] { (360, ColorScheme.Light), (1280, ColorScheme.Dark), (3840, ColorScheme.Light) })
            {
                await page.SetViewportSizeAsync(width, width == 3840 ? 2160 : 800);
                await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
                await PageChecks.AssertFitsAsync(page);
                // The rules of accessibility go by the theme, and by the layout of a phone or a desk.
                if (width < 3840)
                    await PageChecks.AssertAccessibleAsync(page);
            }

            // At 4K the page is larger, not lost in a corner.
            Assert.True(await page.Locator("main").EvaluateAsync<bool>("m => parseFloat(getComputedStyle(m).fontSize) > 16 && m.getBoundingClientRect().width > 1900"), path);
            Assert.Equal("", await page.EvaluateAsync<string>("window.refused.join(' | ')"));
        }
    }
}
