using Bunit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

public sealed class StorageAlertsTests : PieceContext
{
    private readonly StorageStatus _status;

    public StorageAlertsTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<LiveSignal>();
        Services.AddSingleton<StorageStatus>();
        _status = Services.GetRequiredService<StorageStatus>();
    }

    [Fact]
    public void AllIsWell_NothingIsShown() => Assert.Equal("", Render<StorageAlerts>().Markup.Trim());

    [Fact]
    public void EventsThatThePageMissed_AreOwnedUpTo()
    {
        var shown = Render<StorageAlerts>(p => p.Add(c => c.Lost, 1234));

        Assert.Contains("missed 1,234 of its events", shown.Find("[role=status]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void StorageThatFails_IsShownWithTheRemedyUntilItWorksAgain()
    {
        var shown = Render<StorageAlerts>();
        _status.Problem = new LiveProblem("The disk is full.", "Free some space.");
        shown.WaitForState(() => shown.Markup.Contains("The disk is full.", StringComparison.Ordinal));
        Assert.Contains("Free some space.", shown.Find("[role=alert]").TextContent, StringComparison.Ordinal);

        _status.Problem = null;

        shown.WaitForAssertion(() => Assert.Empty(shown.FindAll("[role=alert]")));
    }

    [Fact]
    public void Notice_ReadAway_DoesNotComeBack_AndTheOthersStay()
    {
        _status.Tell("Turn 2 was cut off.");
        _status.Tell("Turn 2 was cut off.");
        _status.Tell("A copy was made.");
        var shown = Render<StorageAlerts>();
        Assert.Equal(2, shown.FindAll("[role=status]").Count);

        shown.Find("[role=status] button").Click();

        shown.WaitForAssertion(() => Assert.Equal("A copy was made.", shown.Find("[role=status]").TextContent.Trim()));
    }

    [Fact]
    public void ManyNotices_TheNewestAreKept()
    {
        for (var i = 1; i <= 50; i++)
            _status.Tell($"Notice {i}.");

        Assert.Equal(20, _status.Notices.Count);
        Assert.Equal("Notice 50.", _status.Notices[^1]);
    }

    [Fact]
    public async Task StorageThatCannotBeOpened_TellsThePageAndTheConversationStarts()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder / "data", "");
        await using var app = await StartAsync(new ConsolePaths(folder.Path));
        var host = app.Services.GetRequiredService<ConversationHost>();
        await host.StartAsync();

        Assert.NotNull(host.Current);
        Assert.Null(host.Problem);
        var problem = app.Services.GetRequiredService<StorageStatus>().Problem!;
        Assert.Contains("Nothing is stored at the moment", problem.What, StringComparison.Ordinal);
        Assert.Contains("VOICECONSOLE_HOME", problem.Remedy, StringComparison.Ordinal);
        await app.StopAsync();
    }

    [Fact]
    public async Task ProcessGoneInMidTurn_NextStart_TellsThePage()
    {
        using var folder = new TempFolder();
        var paths = new ConsolePaths(folder.Path);
        var id = Guid.NewGuid();
        TurnEvent[] events = [SampleConversation.Started(id, DateTimeOffset.UnixEpoch), .. SampleConversation.Turn(1)[..^2]];
        await EventStore.WriteAsync(
            await Database.OpenAsync(paths), new ConversationSource(id, null, "1@0"), [.. events.Select((e, i) => new StoredEvent(i, e))], CancellationToken.None);
        await using var app = await StartAsync(paths);

        var status = app.Services.GetRequiredService<StorageStatus>();
        Assert.Contains("Turn 1 of the conversation of 1970-01-01 00:00 UTC was cut off", Assert.Single(status.Notices), StringComparison.Ordinal);
        Assert.Null(status.Problem);
        await app.StopAsync();
    }

    private static async Task<WebApplication> StartAsync(ConsolePaths paths)
    {
        var app = ConsoleHost.Build(new ConsoleHostOptions { Port = 0 }, services =>
        {
            services.AddSingleton(paths);
            services.AddSingleton<IConversationFactory>(new FakeConversationFactory(() => new FakeConversation()));
            services.AddHostedService<StorageService>();
        });
        await app.StartAsync();
        return app;
    }
}
