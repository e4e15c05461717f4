using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls.Engines;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;
using VoiceConsole.Web.Settings;
using SettingRow = VoiceConsole.Web.Components.Controls.Settings.SettingRow;

namespace VoiceConsole.Tests.Web;

public sealed class SettingsPiecesTests : PieceContext
{
    private readonly TempFolder _folder = new();

    public SettingsPiecesTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddSingleton(new SettingsKeeper(
            new ConsolePaths(_folder.Path), new CommandLineWishes(new ConversationRequest(), new RetentionOptions(null, 5), new HashSet<string> { "--max-tokens" }), new LiveSignal(TimeProvider.System), TimeProvider.System));
    }

    private SettingsKeeper Keeper => Services.GetRequiredService<SettingsKeeper>();

    [Fact]
    public void Row_IsJudgedAsItIsTyped_StoredWhenItIsLeft_AndSaysWhatOverrulesIt()
    {
        var row = Render<SettingRow>(p => p.Add(r => r.Field, Field(nameof(ConsoleSettings.HangOverMs))));
        row.Find("input").Input("7");
        Assert.Equal("It is 100 to 5000.", row.Find("[role=alert]").TextContent);
        row.Find("input").Change("7");
        Assert.Null(Keeper.Settings.HangOverMs);
        row.Find("input").Change("450");
        row.WaitForAssertion(() => Assert.Contains("Stored.", row.Find(".vc-setting-about").TextContent, StringComparison.Ordinal));
        Assert.Equal(450, Keeper.Settings.HangOverMs);

        var tokens = Render<SettingRow>(p => p.Add(r => r.Field, Field(nameof(ConsoleSettings.MaxReplyTokens))));
        Assert.Contains("--max-tokens on the command line", tokens.Find(".vc-setting-overruled").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Engines_OfAKind_OfferTheOthers_AndALoadingThatCanBeGivenUp()
    {
        string? chosen = "";
        var isCancelled = false;
        EngineOffer[] offers = [new("a", "<b>a</b>", ["fact"], "MIT", null, true), new("b", "b", [], "", "damaged", false)];
        var list = Render<EngineList>(p => p.Add(l => l.Kind, EngineKind.Voice).Add(l => l.Title, "Voice").Add(l => l.Offers, offers).Add(l => l.Chosen, "x")
            .Add(l => l.Choose, id => { chosen = id; return Task.CompletedTask; }).Add(l => l.Cancel, () => isCancelled = true));
        Assert.Equal("Use <b>a</b>", list.FindAll("button")[0].GetAttribute("aria-label"));
        Assert.True(list.FindAll("button")[1].HasAttribute("disabled"));
        list.FindAll("button")[0].Click();
        Assert.Equal("a", chosen);
        Assert.Contains("damaged", list.Markup, StringComparison.Ordinal);

        list.Render(p => p.Add(l => l.Choice, new EngineChoice(EngineKind.Voice, "a", IsLoading: true, null)));
        list.Find("[aria-label='Cancel the loading']").Click();
        Assert.True(isCancelled);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }

    private static SettingField Field(string id) => SettingField.All.Single(f => f.Id == id);
}
