using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;
using VoiceConsole.Web.Rerun;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Browser;

[Collection(Pages.Name)]
public sealed class WhatIfPageTests(Chromium chromium) : IAsyncLifetime
{
    private static readonly LocatorAssertionsToHaveTextOptions s_run = new() { Timeout = 60_000 };
    private StoredConsole _console = null!;
    private Guid _id;

    public async ValueTask InitializeAsync() => _console = await StoredConsole.StartAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task StoredConversation_RunAsItWasHeld_IsTheSame_AndWithAShorterHangOverItsTurnsEndEarlier()
    {
        var (tracks, events) = await RoomRecording.HoldAsync(_console.Paths, ("What can you do?", 2.6), ("Please stop now.", 5));
        var id = await _console.StoreHeldAsync(tracks, events);
        var page = await _console.OpenAsync(chromium, $"/conversations/{id}", "what can you do");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "What if" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Run", Exact = true }).ClickAsync();
        await Expect(page.Locator("#rerun-times small")).ToHaveTextAsync("2 of 2 turns the same", s_run);

        await page.GetByLabel("Silence that ends a turn, ms").FillAsync("400");
        await page.GetByLabel("Silence that ends a turn, ms").PressAsync("Enter");
        await Expect(page.Locator("#rerun-times small")).ToHaveTextAsync("0 of 2 turns the same", s_run);
        await Expect(page.GetByText("other end of turn")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Zoom in" }).ClickAsync();
        await page.GetByLabel("Only what differs").CheckAsync();
        await Expect(page).ToHaveURLAsync(new Regex(@"\?from=[\d.]+&to=[\d.]+&differing=True$"));
        var ruler = await page.Locator(".vc-rerun .vc-ruler").TextContentAsync();
        await page.ReloadAsync();
        await Expect(page.Locator(".vc-rerun .vc-ruler")).ToHaveTextAsync(ruler!);
        await Expect(page.GetByLabel("Only what differs")).ToBeCheckedAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "All", Exact = true }).ClickAsync();
        await page.GetByLabel("Only what differs").UncheckAsync();
        await Expect(page).ToHaveURLAsync(new Regex("what-if$"));
        await Expect(page.Locator("#rerun-times small")).ToHaveTextAsync("0 of 2 turns the same");
        await Expect(page.GetByLabel("Silence that ends a turn, ms")).ToHaveValueAsync("400");
        await Shots.TakeAsync(page, "what-if", "what-if");
        await PageChecks.AssertAccessibleAsync(page);
        await page.GetByLabel("Silence that ends a turn, ms").FillAsync("4");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Run", Exact = true }).ClickAsync();
        await Expect(page.Locator(".vc-rerun-form [role=alert]")).ToHaveTextAsync("The silence that ends a turn is 100 to 5000 ms.");
    }

    [Fact]
    public async Task Conversation_OfMoreEventsThanAreRead_SaysWhereItIsCut_AndIsRunUpToThere()
    {
        _id = await _console.StoreRecordedAsync(StoredConsole.Start, [.. SampleConversation.Turn(1), .. SampleConversation.Turn(2)]);
        const long cut = 160_000;
        await using (var context = _console.Database.CreateDbContext())
        {
            var json = StoredEvent.ToJson(new EchoPathMeasured(TurnId.None, cut, 40, 20, 20, 20, 1, 1));
            // So many take their time one by one. They come after the first turn, which lies before the cut.
            await context.Database.ExecuteSqlAsync($"UPDATE Events SET Ordinal = Ordinal + 1000000 WHERE ConversationId = {_id} AND Turn <> 1 AND Ordinal > 0");
            await context.Database.ExecuteSqlAsync($"""
                WITH RECURSIVE Numbers(N) AS (SELECT 100 UNION ALL SELECT N + 1 FROM Numbers WHERE N < {100 + StoredConversation.MaxEvents})
                INSERT INTO Events (ConversationId, Ordinal, Turn, Position, Type, Json) SELECT {_id}, N, 0, {cut}, 'EchoPathMeasured', {json} FROM Numbers
                """);
        }

        var page = await _console.OpenAsync(chromium, $"/conversations/{_id}/what-if", "What if");
        await Expect(page.Locator("[data-cut]")).ToHaveTextAsync("This conversation is very long: its words and events are shown up to 0:10.0. A rerun ends there, too.", s_run);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Run", Exact = true }).ClickAsync();
        await Expect(page.Locator("#rerun-times")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = s_run.Timeout });
        var result = _console.Services.GetRequiredService<RerunHost>().Of(_id)!.Result!;
        Assert.InRange(result.Events.Max(e => e.Position), 0, cut);
    }

    [Fact]
    public async Task Rerun_WhileAConversationGoesOn_IsRefusedWithTheReason()
    {
        var page = await OpenAsync();
        await _console.Services.GetRequiredService<ConversationHost>().StartAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Run", Exact = true }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Alert).Filter(new LocatorFilterOptions { HasText = "Stop it on the Live page" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Rerun_WithAnotherCancellerAndGuard_IsRun_CanBeCancelled_AndGivesWayToAConversation()
    {
        var page = await OpenAsync();
        var run = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Run", Exact = true });
        await page.GetByLabel("Echo canceller").SelectOptionAsync("none");
        await page.GetByLabel("Predicted echo").UncheckAsync();
        await run.ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Cancel" }).ClickAsync();
        await Expect(run).ToBeVisibleAsync();
        await Expect(page.Locator(".vc-alerts [role=alert]")).ToHaveCountAsync(0);
        var configuration = _console.Services.GetRequiredService<RerunHost>().Of(_id)!.Configuration;
        Assert.Equal(("none", false, true), (configuration.Canceller, configuration.Options.Guard.Prediction, configuration.Options.Guard.Drift));

        await run.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync();
        await _console.Services.GetRequiredService<ConversationHost>().StartAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new LocatorFilterOptions { HasText = "Stop it on the Live page" })).ToBeVisibleAsync();
        await Expect(page.Locator("#rerun-times")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Conversation_WithoutSound_SaysWhatARerunNeeds()
    {
        var id = await _console.StoreAsync(StoredConsole.Start, SampleConversation.Turn(1));
        var page = await _console.OpenAsync(chromium, $"/conversations/{id}/what-if", "What if");
        await Expect(page.GetByText("A rerun needs its microphone and loudspeaker tracks")).ToBeVisibleAsync();
        await PageChecks.AssertAccessibleAsync(page);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Page_IsAccessibleAndFits(ColorScheme scheme, int width)
    {
        var page = await OpenAsync(width, scheme);
        await Expect(page.GetByText(new Regex("This recording does not say"))).ToBeVisibleAsync();
        await PageChecks.AssertAccessibleAsync(page);
        await PageChecks.AssertFitsAsync(page);
    }

    private async Task<IPage> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        _id = await _console.StoreRecordedAsync(StoredConsole.Start, SampleConversation.Turn(1));
        return await _console.OpenAsync(chromium, $"/conversations/{_id}/what-if", "What if", width, scheme);
    }
}
