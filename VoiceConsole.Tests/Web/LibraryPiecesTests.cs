using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls.Library;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

public sealed class LibraryPiecesTests : PieceContext
{
    private readonly FakeTimeProvider _time = new();

    public LibraryPiecesTests() => Services.AddSingleton<TimeProvider>(_time);

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
}
