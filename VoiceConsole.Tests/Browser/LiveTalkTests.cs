using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Live;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

/// <summary>The Live page with every engine real: what is typed for the room's user is said, heard, answered and timed.</summary>
[Collection(RealTime.Name)]
public sealed class LiveTalkTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task WordsSaidAloudInTheRoom_AreHeard_AndAnsweredAloud()
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng", "llama" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        var paths = new ConsolePaths(folder / "data", ConsolePaths.Find().Models);
        await using var app = ConsoleHost.Build(
            new ConsoleHostOptions
            {
                Port = 0,
                Request = new ConversationRequest
                {
                    Device = "room",
                    Room = "headphones",
                    LanguageModel = TinyLlama.Require(folder),
                    Options = new ConversationOptions { MaxReplyTokens = 8, Record = false },
                },
            },
            services => services.AddSingleton(paths).AddSingleton<IConversationFactory>(new ConversationFactory(Parts.Store, paths)));
        await app.StartAsync(TestContext.Current.CancellationToken);
        var page = await chromium.PageAsync();
        page.SetDefaultTimeout(60_000);
        await page.GotoAsync(app.Urls.First());
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Start" }).ClickAsync();
        var status = page.GetByRole(AriaRole.Status).First;
        await Expect(status).ToHaveTextAsync("Listening", new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 });
        var box = page.GetByLabel("Say aloud as the room's user");
        await box.FillAsync("what is the time");
        await box.PressAsync("Enter");

        await Expect(page.Locator(".vc-user .vc-words")).ToHaveTextAsync("what is the time", new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 });
        await Expect(page.Locator("[data-heard]")).ToHaveTextAsync(new Regex("[a-z]{2}"), new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 });
        await Expect(page.Locator(".vc-total")).ToHaveTextAsync(new Regex("^[0-9.]+ ms$"));
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Stop" }).ClickAsync();
        await Expect(status).ToHaveTextAsync("Stopped", new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 });
        await app.StopAsync(TestContext.Current.CancellationToken);
    }
}
