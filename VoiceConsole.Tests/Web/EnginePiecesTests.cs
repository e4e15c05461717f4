using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls.Engines;
using VoiceConsole.Web.Live;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Tests.Web;

/// <summary>The parts of the catalogue, as the Models page shows and fetches them.</summary>
public sealed class EnginePiecesTests : PieceContext
{
    // Looked at after each rendering; only what never comes takes so long.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TempFolder _home = new();
    private readonly GatedSource _source = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ModelStore _store;

    public EnginePiecesTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        _store = _source.Store(_home);
        var signal = new LiveSignal(TimeProvider.System);
        Services.AddMudServices();
        Services.AddSingleton(signal).AddSingleton(new PartFetches(_store, signal, _time)).AddSingleton(new FirstStart(_store, new ConversationRequest(), signal, _time));
    }

    [Fact]
    public void Table_ShowsWhatWasMeasured_ByNameWhereAPartBringsSeveral_AndOwnsUpToWhatWasNot()
    {
        var flite = new PartRow(new PartState(_store.Catalog.Find("flite"), true, "2.2"), 9_800_000, [new PartEngine("flite-slt", "12 MB", "0.03 s per second of sound"), new PartEngine("flite-<b>rms</b>", null, null)]);
        var whisper = new PartRow(new PartState(_store.Catalog.Find("ggml-tiny"), true, "1"), 77_000_000, [new PartEngine("ggml-tiny", "140 MB", "0.31 s per second of sound")]);
        var llama = new PartRow(new PartState(_store.Catalog.Find("llama"), false, null), 0, []);
        var shown = Render<PartTable>(p => p.Add(c => c.LabelledBy, "parts").Add(c => c.Rows, [flite, whisper, llama]));

        Assert.Equal("parts", shown.Find("[role=group]").GetAttribute("aria-labelledby"));
        Assert.Equal(["flite-slt: 12 MB", "flite-<b>rms</b>: not measured: bench models"], shown.FindAll("[data-part=flite] [data-column=memory] span").Select(s => s.TextContent));
        Assert.Equal(("140 MB", "0.31 s per second of sound"), (Cell("ggml-tiny", "memory"), Cell("ggml-tiny", "speed")));
        Assert.Equal(("9.8 MB", "77.0 MB", ""), (Cell("flite", "disk"), Cell("ggml-tiny", "disk"), Cell("llama", "disk")));
        Assert.Equal(("", ""), (Cell("llama", "memory"), Cell("llama", "speed")));
        Assert.Empty(shown.FindAll("b"));

        Services.GetRequiredService<PageTexts>().Language = PageTexts.Chinese;
        shown.Render();
        Assert.Equal("每秒声音用 0.31 秒", Cell("ggml-tiny", "speed"));

        string Cell(string part, string column) => shown.Find($"[data-part={part}] [data-column={column}]").TextContent.Trim();
    }

    [Fact]
    public async Task Part_IsFetchedAtAClick_WithItsProgress_PausedTakenUpAndCancelled()
    {
        var shown = Render<PartFetchView>(p => p.Add(c => c.Part, _store.Catalog.Find("ggml-tiny")));
        Assert.Equal("Fetch The ggml-tiny", Assert.Single(shown.FindAll("button")).GetAttribute("aria-label"));
        shown.Find("[aria-label^=Fetch]").Click();
        (await _source["ggml-tiny"].Report.Task)(1_200_000);
        shown.WaitForState(() => Said() == "Fetching 1.2 of 3.0 MB", s_patience);
        Assert.Equal(("The ggml-tiny", "40"), (shown.Find("[role=progressbar]").GetAttribute("aria-label"), shown.Find("[role=progressbar]").GetAttribute("aria-valuenow")));

        shown.Find("[aria-label^=Pause]").Click();
        shown.WaitForState(() => Said() == "Paused at 1.2 of 3.0 MB", s_patience);
        Assert.Equal("Paused", shown.Find(".vc-fetch").GetAttribute("data-step"));
        shown.Find("[aria-label^='Go on with']").Click();
        await _source["ggml-tiny"].Report.Task;
        shown.WaitForState(() => Said() == "Fetching 1.2 of 3.0 MB", s_patience);
        shown.Find("[aria-label^=Cancel]").Click();
        shown.WaitForState(() => shown.FindAll("button") is [var only] && only.GetAttribute("aria-label") == "Fetch The ggml-tiny", s_patience);
        Assert.Equal("", Said());

        string Said() => shown.Find("[role=status]").TextContent;
    }

    [Fact]
    public void PartThatFails_SaysWhyAndWhatToDo_AsText_AndCanBeTriedAgain()
    {
        var shown = Render<PartFetchView>(p => p.Add(c => c.Part, _store.Catalog.Find("ggml-tiny")));
        _source["ggml-tiny"].End.SetException(new ModelUnavailableException("The <b>hub</b>\u202e is out of reach.", "Connect to the network."));
        shown.Find("button").Click();
        shown.WaitForState(() => shown.FindAll("[role=alert]").Count == 1, s_patience);

        Assert.Equal("The <b>hub</b>\ufffd is out of reach. Connect to the network.", shown.Find("[role=alert]").TextContent);
        Assert.Empty(shown.FindAll("b"));
        shown.WaitForState(() => shown.FindAll("button") is [var only] && only.GetAttribute("aria-label") == "Fetch The ggml-tiny", s_patience);
    }

    [Fact]
    public void PartThatHasCome_OffersNothing_TellsItsVersion_AndWhatFollowsIsDoneOnce()
    {
        var done = 0;
        _source["ggml-tiny"].End.SetResult();
        var shown = Render<PartFetchView>(p => p.Add(c => c.Part, _store.Catalog.Find("ggml-tiny")).Add(c => c.Then, () => Task.FromResult(++done)));
        shown.Find("button").Click();
        shown.WaitForState(() => shown.Find("[role=status]").TextContent == "Installed" && Volatile.Read(ref done) > 0, s_patience);
        Assert.Empty(shown.FindAll("button"));
        Assert.Equal(1, done);

        shown.Render(p => p.Add(c => c.Part, _store.Catalog.Find("ggml-tiny")).Add(c => c.IsInstalled, true).Add(c => c.Version, "1.8"));
        Assert.Equal("Installed, 1.8", shown.Find("[role=status]").TextContent);
    }

    [Fact]
    public void PartThatNobodyKnowsAPlaceOf_SaysWhereToPutIt()
    {
        var shown = Render<PartFetchView>(p => p.Add(c => c.Part, _store.Catalog.Find("grown-up")));
        Assert.Contains("put grown-up.gguf into models/", shown.Markup, StringComparison.Ordinal);
        Assert.Empty(shown.FindAll("button"));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _home.Dispose();
    }
}
