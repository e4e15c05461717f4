using Microsoft.Playwright;

namespace VoiceConsole.Tests.Support;

/// <summary>Pictures for a person to look at: set VOICECONSOLE_SHOTS to a folder.</summary>
internal static class Shots
{
    public static async Task TakeAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("VOICECONSOLE_SHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }
}
