using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace VoiceConsole.Tests.Support;

/// <summary>What holds for every page.</summary>
internal static class PageChecks
{
    public static async Task AssertAccessibleAsync(IPage page)
    {
        var found = await page.RunAxe();
        Assert.Empty(found.Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{v.Id}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}"));
    }

    /// <summary>Nothing sticks out to the side.</summary>
    public static async Task AssertFitsAsync(IPage page) => Assert.Equal(
        "",
        await page.EvaluateAsync<string>("""
            (() => {
              const width = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= width) return '';
              return [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > width + 1).slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join(' | ') || 'the page';
            })()
            """));
}
