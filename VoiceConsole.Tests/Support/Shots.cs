using Microsoft.Playwright;
using VoiceConsole.Engine;

namespace VoiceConsole.Tests.Support;

/// <summary>Pictures of the pages for a person to look at, kept under TestResults/pages. With VOICECONSOLE_PICTURES set, those of the README are made anew, too.</summary>
internal static class Shots
{
    private static readonly string s_root = Path.GetDirectoryName(ConsolePaths.Find().Models)!;

    /// <param name="page">As it stands.</param>
    /// <param name="name">The picture's, without its ending.</param>
    /// <param name="readme">Its name in VoiceConsole.Web/Pictures; null for none of the README's.</param>
    public static async Task TakeAsync(IPage page, string name, string? readme = null)
    {
        var file = Path.Combine(s_root, "TestResults", "pages", $"{name.ToLowerInvariant()}.png");
        // The bar stays at the top of what is in view.
        await page.EvaluateAsync("window.scrollTo(0, 0)");
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = file, FullPage = true });
        if (readme is not null && Environment.GetEnvironmentVariable("VOICECONSOLE_PICTURES") is { Length: > 0 })
            File.Copy(file, Path.Combine(s_root, "VoiceConsole.Web", "Pictures", $"{readme}.png"), overwrite: true);
    }
}
