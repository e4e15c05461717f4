using CsCheck;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

public sealed class TextPartTests
{
    [Fact]
    public void Around_AWordFarInTheText_ShowsItMarkedBetweenDots()
    {
        var text = $"{new string('a', 100)} Weather and weather {new string('b', 100)}";
        var parts = TextPart.Around(text, ["weather"], 70);

        Assert.Equal(["…", "Weather", "weather", "…"], parts.Where(p => p.IsMatch || p.Text == "…").Select(p => p.Text));
    }

    [Fact]
    public void Around_Anything_IsAPieceOfTheTextNoLongerThanAllowed() => Gen.Select(Gen.String, Gen.String[1, 3].Array[0, 3], Gen.Int[1, 50]).Sample((text, words, most) =>
    {
        var parts = TextPart.Around(text, words, most);
        var shown = string.Concat(parts.Where((p, i) => !(p.Text == "…" && (i == 0 || i == parts.Count - 1))).Select(p => p.Text));
        Assert.Contains(shown, text, StringComparison.Ordinal);
        Assert.True(shown.Length <= most + 1);
        Assert.All(parts.Where(p => p.IsMatch), p => Assert.Contains(p.Text, words, StringComparer.OrdinalIgnoreCase));
    });
}
