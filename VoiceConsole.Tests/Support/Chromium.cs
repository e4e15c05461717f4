using System.Diagnostics;
using Microsoft.Playwright;

namespace VoiceConsole.Tests.Support;

/// <summary>Debian's Chromium, installed if that can be done; tests skip with the reason where it cannot be had.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _missing;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Executable))
            _missing = await InstallAsync();
        if (_missing is not null)
            return;
        try
        {
            _playwright = await Playwright.CreateAsync();
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

    private static async Task<string?> InstallAsync()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            return $"no {Executable}, and only root can install it";
        using var apt = Process.Start(new ProcessStartInfo("sh", ["-c", "apt-get update && apt-get install -y --no-install-recommends chromium"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await Task.WhenAll(apt.StandardOutput.ReadToEndAsync(), apt.StandardError.ReadToEndAsync(), apt.WaitForExitAsync());
        return File.Exists(Executable) ? null : $"no {Executable}, and apt-get could not install it";
    }
}
