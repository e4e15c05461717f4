using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls.Library;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

public sealed class LibraryPiecesTests : PieceContext
{
    private readonly FakeTimeProvider _time = new();

    public LibraryPiecesTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(_time);
    }

    [Fact]
    public void Stars_Chosen_AreTold_AndTakenBack()
    {
        List<int?> told = [];
        var shown = Render<StarRating>(p => p.Add(c => c.Group, "g").Add(c => c.Value, 3).Add(c => c.ValueChanged, told.Add));
        Assert.Equal(3, shown.FindAll(".vc-star-on").Count);

        shown.Find("[aria-label='5 of 5']").Change("on");
        Assert.Equal(5, shown.FindAll(".vc-star-on").Count);
        shown.Find("[aria-label='No rating']").Change("on");

        Assert.Equal([5, null], told);
    }

    [Fact]
    public void WordsTyped_AreToldOnceAfterAPause_AndNotOverwrittenByAnOlderAnswer()
    {
        List<LibraryFilter> told = [];
        var shown = Render<LibraryFilters>(p => p.Add(c => c.Filter, new LibraryFilter()).Add(c => c.FilterChanged, told.Add));
        shown.Find("input[type=search]").Input("we");
        shown.Find("input[type=search]").Input("weather");
        Assert.Empty(told);
        _time.Advance(TimeSpan.FromMilliseconds(150));
        shown.WaitForAssertion(() => Assert.Equal("weather", Assert.Single(told).Text));
        shown.Find("input[type=search]").Input("weather tomorrow");
        shown.Render(p => p.Add(c => c.Filter, told[0]));

        Assert.Equal("weather tomorrow", shown.Find("input[type=search]").GetAttribute("value"));
    }

    [Fact]
    public void Tag_Entered_IsToldOnce_AndAnEmptyOneNever()
    {
        List<string> added = [], removed = [];
        var shown = Render<TagEditor>(p => p.Add(c => c.Tags, ["<b>demo</b>", "old\u202e"]).Add(c => c.Known, ["demo", "\"quoted\""]).Add(c => c.Add, added.Add).Add(c => c.Remove, removed.Add));
        var entry = shown.Find("input[aria-label='New tag']");
        entry.Input("  ");
        shown.Find("form").Submit();
        Assert.Empty(added);

        entry.Input("for the demo");
        shown.Find("form").Submit();
        shown.Find("form").Submit();
        Assert.Equal(["for the demo"], added);
        Assert.Equal("", shown.Find("input[aria-label='New tag']").GetAttribute("value"));

        Assert.Empty(shown.FindAll("b"));
        Assert.Equal(["<b>demo</b> ×", "old\ufffd ×"], shown.FindAll(".vc-chip").Select(c => c.TextContent));
        Assert.Equal(entry.GetAttribute("list"), shown.Find("datalist").Id);
        Assert.Equal(["demo", "\"quoted\""], shown.FindAll("datalist option").Select(o => o.GetAttribute("value")));
        shown.FindAll("button")[0].Click();
        Assert.Equal(["<b>demo</b>"], removed);
        Assert.Equal(("button", "Remove tag <b>demo</b>"), (shown.Find("button").GetAttribute("type"), shown.Find("button").GetAttribute("aria-label")));
    }

    [Fact]
    public void Row_OfAMatch_LeadsToItsMoment_MarksTheWords_AndShowsStrangersWordsAsText()
    {
        var item = Item() with
        {
            Title = "<img src=x onerror=alert(1)>\u202e",
            Turns = 2,
            Interrupted = 1,
            Failed = 1,
            MeanMs = 1234.4,
            Match = new TurnRow { Number = 2, StartPosition = 200_000, UserText = "how is the Weather in <i>Zürich</i>" },
        };
        item.Row.Tags.Add(new TagRow { Tag = "a&b" });
        var shown = Render<LibraryRow>(p => p.Add(c => c.Item, item).Add(c => c.Words, ["weather"]));

        Assert.Equal($"conversations/{item.Row.Id}?at=12.5", shown.Find(".vc-item-title").GetAttribute("href"));
        Assert.Equal("<img src=x onerror=alert(1)>\ufffd", shown.Find(".vc-item-title").TextContent);
        Assert.Equal("Weather", Assert.Single(shown.FindAll("mark")).TextContent);
        Assert.Equal("how is the Weather in <i>Zürich</i>", shown.Find(".vc-item-match").TextContent);
        Assert.Empty(shown.FindAll("img, i"));
        Assert.Equal(["1 interrupted", "1 failed", "a&b"], shown.FindAll(".vc-chip").Select(c => c.TextContent));
        Assert.Equal(("conversations?tag=a%26b", "Only tag a&b"), (shown.Find("a.vc-chip").GetAttribute("href"), shown.Find("a.vc-chip").GetAttribute("aria-label")));
        Assert.Equal(["0:56", "2 turns", "1,234 ms", "tiny"], shown.FindAll(".vc-item-facts span").Select(s => s.TextContent));
    }

    [Fact]
    public void Row_IsRatedAndDeleted_ButNotWhileItGoesOn()
    {
        List<int?> rated = [];
        var deleted = 0;
        var item = Item() with { Title = "hello", Turns = 1 };
        var shown = Render<LibraryRow>(p => p.Add(c => c.Item, item).Add(c => c.Rated, rated.Add).Add(c => c.Deleted, () => deleted++));
        Assert.Equal($"conversations/{item.Row.Id}", shown.Find(".vc-item-title").GetAttribute("href"));
        Assert.Equal("Rating of hello", shown.Find("legend").TextContent);
        shown.Find("[aria-label='4 of 5']").Change("on");
        shown.Find("[aria-label='Delete hello']").Click();
        Assert.Equal([4], rated);
        Assert.Equal(1, deleted);

        item.Row.EndReason = null;
        shown.Render(p => p.Add(c => c.Item, item with { Title = null }));
        Assert.Contains("goes on", shown.FindAll(".vc-item-facts span").Select(s => s.TextContent));
        Assert.Equal("Nothing was said", shown.Find(".vc-item-title").TextContent);
        Assert.True(shown.Find("[aria-label^='Delete the conversation of']").HasAttribute("disabled"));
    }

    [Theory]
    [InlineData("2026-11-20", true)]
    [InlineData("0001-01-01", false)]
    [InlineData("99999", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Day_OfAnAddress_IsOneOrNone(string? text, bool isDay) => Assert.Equal(isDay, Spoken.Day(text) is not null);

    [Theory]
    [InlineData(0, "0:00.0")]
    [InlineData(7.36, "0:07.3")]
    [InlineData(59.99, "0:59.9")]
    [InlineData(3671.05, "61:11.0")]
    public void Moment_IsWrittenInMinutesAndSeconds(double seconds, string written) => Assert.Equal(written, Spoken.Moment(seconds));

    private static LibraryItem Item() =>
        new(new ConversationRow { Id = Guid.NewGuid(), StartedAt = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero), SampleRate = 16_000, Model = "tiny", EndPosition = 900_000, EndReason = "stopped" });
}
