using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Live;
using VoiceConsole.Web.Settings;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

[Collection(Pages.Name)]
public sealed class SettingsPageTests(Chromium chromium) : IAsyncLifetime
{
    private StoredConsole _console = null!;

    public async ValueTask InitializeAsync() => _console = await StoredConsole.StartAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Value_Typed_IsJudgedAtOnce_StoredWhenLeft_AndThereAfterAReload()
    {
        var page = await OpenAsync();
        var silence = page.GetByLabel("Silence that ends a turn, ms");
        await silence.PressSequentiallyAsync("4");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("It is 100 to 5000.");
        await Expect(silence).ToHaveAttributeAsync("aria-invalid", "true");
        await silence.PressSequentiallyAsync("50");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await silence.PressAsync("Tab");
        await Expect(page.Locator("[data-setting=HangOverMs] .vc-setting-about")).ToContainTextAsync("Stored.");
        Assert.Equal(450, _console.Services.GetRequiredService<ConversationHost>().Request.Options.HangOver.TotalMilliseconds);
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Silence that ends a turn, ms")).ToHaveValueAsync("450");

        await page.GetByLabel("Speech that stops a reply, ms").FillAsync("20");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The speech that stops a reply must not be shorter than the speech that begins a turn.");
        await page.GetByLabel("Simulated room").SelectOptionAsync("hall");
        await Expect(page.Locator("[data-setting=Room] .vc-setting-about")).ToContainTextAsync("Stored.");
        Assert.Equal("hall", _console.Services.GetRequiredService<SettingsKeeper>().Settings.Room);
    }

    [Fact]
    public async Task Settings_Exported_CanBeImported_AndAStrangersFileIsRefused()
    {
        var keeper = _console.Services.GetRequiredService<SettingsKeeper>();
        keeper.Change(s => s with { SystemPrompt = "Be brief." });
        var page = await OpenAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Export", new PageGetByTextOptions { Exact = true }).ClickAsync());
        var json = await File.ReadAllTextAsync(await download.PathAsync());
        keeper.Change(_ => new ConsoleSettings());
        await ImportAsync(page, json);
        await Expect(page.GetByText("The settings were imported.")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("System prompt")).ToHaveValueAsync("Be brief.");

        await ImportAsync(page, json.Replace("\"version\": 1", "\"version\": 1, \"run\": \"x\"", StringComparison.Ordinal));
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Not imported. It is no settings file");
        Assert.Equal("Be brief.", keeper.Settings.SystemPrompt);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Page_IsAccessibleAndFits(ColorScheme scheme, int width)
    {
        var page = await OpenAsync(width, scheme);
        await page.GetByLabel("Longest turn, s").FillAsync("1000");
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Shots.TakeAsync(page, $"settings-{scheme}-{width}", (scheme, width) is (ColorScheme.Light, 1280) ? "settings" : null);
        await PageChecks.AssertAccessibleAsync(page);
        await PageChecks.AssertFitsAsync(page);
    }

    private Task<IPage> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light) => _console.OpenAsync(chromium, "/settings", "Settings", width, scheme);

    private static Task ImportAsync(IPage page, string json) => page.Locator("input[type=file]").SetInputFilesAsync(
        new FilePayload { Name = "settings.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(json) });
}
