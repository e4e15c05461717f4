using System.Diagnostics;
using Microsoft.Playwright;

namespace VoiceConsole.Tests.Support;

/// <summary>Debian's Chromium, installed if that can be done; tests skip with the reason where it cannot be had.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";
    private const string ChineseFont = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc";

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _missing;
    private bool _isTried;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    // Not before the first test that wants it: others of the collection have no use for a browser.
    private async Task StartAsync()
    {
        if (_isTried)
            return;
        _isTried = true;
        if (!File.Exists(Executable))
            _missing = await InstallAsync("chromium", Executable);
        // Without one, pictures of the Chinese pages would show boxes.
        if (_missing is null && !File.Exists(ChineseFont))
            _ = await InstallAsync("fonts-wqy-microhei", ChineseFont);
        if (_missing is not null)
            return;
        try
        {
            _playwright = await Playwright.CreateAsync();
            // Other tests keep both processors busy meanwhile.
            Assertions.SetDefaultExpectTimeout(30_000);
            _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Executable,
                Headless = true,
                Args =
                [
                    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync",
                ],
            });
        }
        catch (PlaywrightException error)
        {
            _missing = $"Chromium does not start: {error.Message}";
        }
    }

    /// <summary>A new page with its own cookies; skips the test where there is no browser.</summary>
    public async Task<IPage> PageAsync(int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        await StartAsync();
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
        });
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    private static async Task<string?> InstallAsync(string package, string file)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            return $"no {file}, and only root can install it";
        using var apt = Process.Start(new ProcessStartInfo("sh", ["-c", $"apt-get install -y --no-install-recommends {package} || {{ apt-get update && apt-get install -y --no-install-recommends {package}; }}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await Task.WhenAll(apt.StandardOutput.ReadToEndAsync(), apt.StandardError.ReadToEndAsync(), apt.WaitForExitAsync());
        return File.Exists(file) ? null : $"no {file}, and apt-get could not install it";
    }
}
