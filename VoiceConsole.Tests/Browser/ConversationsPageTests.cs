using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

[Collection(Pages.Name)]
public sealed class ConversationsPageTests(Chromium chromium) : IAsyncLifetime
{
    private StoredConsole _console = null!;

    public async ValueTask InitializeAsync() => _console = await StoredConsole.StartAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Words_Typed_ListWhatFits_MarkTheWord_AndOpenAtItsTurn()
    {
        await StoreSamplesAsync();
        var page = await OpenAsync();
        await Expect(page.GetByText("4 stored")).ToBeVisibleAsync();
        await page.GetByLabel("Words").FillAsync("weather");

        await Expect(page.GetByText("1 found")).ToBeVisibleAsync();
        await Expect(page.Locator(".vc-item mark")).ToHaveTextAsync("weather");
        Assert.Contains("words=weather", page.Url, StringComparison.Ordinal);
        Assert.EndsWith("?at=12.5", await page.Locator(".vc-item-title").GetAttributeAsync("href"), StringComparison.Ordinal);
        await page.GetByLabel("Words").FillAsync("天气");
        await Expect(page.Locator(".vc-item mark")).ToHaveTextAsync("天气");
        await page.GetByLabel("Words").FillAsync("nothing has this");
        await Expect(page.GetByText("Nothing fits all of that.")).ToBeVisibleAsync();
        await page.GetByText("Show all conversations").ClickAsync();
        await Expect(page.GetByText("4 stored")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Words")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task Filters_SurviveAReload()
    {
        await StoreSamplesAsync();
        var page = await OpenAsync();
        await page.GetByLabel("Interrupted").CheckAsync();
        await Expect(page.GetByText("1 found")).ToBeVisibleAsync();
        await page.GetByLabel("From").FillAsync("2026-11-21");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("from=2026-11-21"));
        await page.ReloadAsync();

        await Expect(page.GetByText("1 found")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Interrupted")).ToBeCheckedAsync();
        await Expect(page.GetByLabel("From")).ToHaveValueAsync("2026-11-21");
    }

    [Fact]
    public async Task Model_Tag_FailureAndLastDay_ChooseToo()
    {
        await StoreSamplesAsync();
        await _console.StoreAsync(StoredConsole.Start.AddDays(4), SampleConversation.Turn(1).Select(e => e is GenerationStarted asked ? asked with { Model = "other" } : e).ToArray());
        var page = await OpenAsync();
        await Expect(page.GetByText("5 stored")).ToBeVisibleAsync();
        await page.Locator(".vc-filters select").First.SelectOptionAsync("other");
        await OnlyAsync("hello");
        await page.Locator(".vc-filters select").First.SelectOptionAsync("");
        await page.Locator(".vc-filters select").Nth(1).SelectOptionAsync("office room");
        await OnlyAsync("a question that is rather long");
        await page.Locator(".vc-filters select").Nth(1).SelectOptionAsync("");
        await page.GetByLabel("Failed").CheckAsync();
        await OnlyAsync("what's the time");
        await page.GetByLabel("Failed").UncheckAsync();
        await page.GetByLabel("Until").FillAsync("2026-11-20");
        await OnlyAsync("good morning");

        async Task OnlyAsync(string title)
        {
            await Expect(page.Locator(".vc-item-title").First).ToContainTextAsync(title);
            await Expect(page.Locator(".vc-item-title")).ToHaveCountAsync(1);
        }
    }

    [Fact]
    public async Task Deleted_IsGone_AndBroughtBackByTheButtonThatHasTheFocus()
    {
        await StoreSamplesAsync();
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Delete what's the time" }).ClickAsync();
        await Expect(page.Locator(".vc-item")).ToHaveCountAsync(3);
        await Expect(page.GetByText("Bring it back")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator(".vc-item")).ToHaveCountAsync(4);
        await Expect(page.GetByText("Bring it back")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Rating_ChosenByKeyboard_IsStored()
    {
        var id = await _console.StoreAsync(StoredConsole.Start, SampleConversation.Turn(1));
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Radio, new PageGetByRoleOptions { Name = "No rating" }).FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator(".vc-stars")).ToHaveAttributeAsync("data-rating", "2");

        var library = _console.Services.GetRequiredService<ConversationLibrary>();
        Assert.Equal(2, Assert.Single(await library.DescribeAsync([new LibraryHit(id, null)])).Row.Rating);
    }

    [Fact]
    public async Task Conversation_StoredMeanwhile_AppearsByItself()
    {
        var page = await OpenAsync();
        await Expect(page.GetByText("No conversation has been stored yet.")).ToBeVisibleAsync();
        await _console.StoreAsync(StoredConsole.Start, SampleConversation.Turn(1, "<b>bold</b> words"));

        await Expect(page.Locator(".vc-item-title")).ToHaveTextAsync("<b>bold</b> words");
    }

    [Fact]
    public async Task HundredConversations_OnlyThoseInViewAreOnThePage_AndTheLastCanBeReached()
    {
        for (var batch = 0; batch < 4; batch++)
            await Task.WhenAll(Enumerable.Range(0, 25).Select(i => _console.StoreAsync(StoredConsole.Start.AddMinutes(batch * 25 + i), SampleConversation.Turn(1, $"question {batch * 25 + i}"))));
        var page = await OpenAsync();
        await Expect(page.GetByText("100 stored")).ToBeVisibleAsync();
        await Expect(page.GetByText("question 99", new PageGetByTextOptions { Exact = true })).ToBeVisibleAsync();
        Assert.InRange(await page.Locator(".vc-item").CountAsync(), 5, 40);
        await page.Keyboard.PressAsync("End");

        await Expect(page.GetByText("question 0", new PageGetByTextOptions { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Bundle_ExportedFromReplay_IsImportedAgain_AndAnythingElseRefusedWithTheReason()
    {
        var id = await _console.StoreRecordedAsync(StoredConsole.Start, SampleConversation.Turn(1, "take me along"));
        var page = await _console.OpenAsync(chromium, $"/conversations/{id}", "take me along");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Export", new PageGetByTextOptions { Exact = true }).ClickAsync());
        Assert.Equal("conversation-20261120-093000.zip", download.SuggestedFilename);
        var bundle = await download.PathAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "All conversations" }).ClickAsync();
        await page.GetByLabel("Import a bundle").SetInputFilesAsync(bundle);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("is in the library already");

        await using (var context = _console.Database.CreateDbContext())
            await context.Conversations.ExecuteDeleteAsync();
        await page.GetByLabel("Import a bundle").SetInputFilesAsync(bundle);
        await Expect(page.GetByText("The conversation was imported.")).ToBeVisibleAsync();
        await PageChecks.AssertAccessibleAsync(page);
        await page.GetByText("Open it").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "take me along" })).ToBeVisibleAsync();
        await Expect(page.Locator("[data-track=microphone] path")).ToBeAttachedAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Page_EmptyAndFull_IsAccessibleAndFits(ColorScheme scheme, int width)
    {
        var page = await OpenAsync(width, scheme);
        await Expect(page.GetByText("No conversation has been stored yet.")).ToBeVisibleAsync();
        await PageChecks.AssertAccessibleAsync(page);
        await StoreSamplesAsync();
        await Expect(page.Locator(".vc-item")).ToHaveCountAsync(4);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Delete what's the time" }).ClickAsync();
        await Expect(page.GetByText("Bring it back")).ToBeVisibleAsync();
        await Shots.TakeAsync(page, $"conversations-{scheme}-{width}");
        await PageChecks.AssertAccessibleAsync(page);
        await PageChecks.AssertFitsAsync(page);
        await page.GetByLabel("Words").FillAsync("weather");
        await Expect(page.Locator(".vc-item mark")).ToBeVisibleAsync();
        await Shots.TakeAsync(page, $"conversations-search-{scheme}-{width}", (scheme, width) is (ColorScheme.Light, 1280) ? "conversations" : null);
        await PageChecks.AssertAccessibleAsync(page);
    }

    [Fact]
    public async Task Tabs_LeadToThePages_ByKeyboard()
    {
        var page = await OpenAsync(360);
        var tab = page.GetByRole(AriaRole.Navigation).GetByText("Live", new LocatorGetByTextOptions { Exact = true });
        await tab.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Live" })).ToBeFocusedAsync();
        await Expect(tab).ToHaveAttributeAsync("aria-current", "page");
    }

    private Task<IPage> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light) =>
        _console.OpenAsync(chromium, "/conversations", "Conversations", width, scheme);

    private async Task StoreSamplesAsync()
    {
        var at = StoredConsole.Start;
        await _console.StoreAsync(at, [.. SampleConversation.Turn(1, "good morning"), .. SampleConversation.Turn(2, "and tell me, how will the weather be in the mountains tomorrow")]);
        await _console.StoreAsync(at.AddDays(1), SampleConversation.Turn(1, "今天天气怎么样", "interrupted"));
        await _console.StoreAsync(at.AddDays(2), SampleConversation.Turn(1, "what's the time", "failed"));
        var tagged = await _console.StoreAsync(at.AddDays(3), [.. Enumerable.Range(1, 8).SelectMany(n => SampleConversation.Turn(n, $"a question that is rather long for a list, number {n}, with more words than fit into one line of a telephone"))]);
        var library = _console.Services.GetRequiredService<ConversationLibrary>();
        await library.TagAsync(tagged, "demo");
        await library.TagAsync(tagged, "office room");
        await library.RateAsync(tagged, 4);
    }
}
