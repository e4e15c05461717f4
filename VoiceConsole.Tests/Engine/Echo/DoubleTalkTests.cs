using CsCheck;
using VoiceConsole.Web.Commands.Bench.Echo;

namespace VoiceConsole.Tests.Engine.Echo;

/// <summary>The measures of double talk, on what can be reckoned by hand.</summary>
public class DoubleTalkTests
{
    private static readonly Gen<string[]> s_words = Gen.OneOf(Gen.Const("stop"), Gen.Const("the"), Gen.Const("music")).Array[0, 8];

    [Theory]
    [InlineData("tell me more", "tell me more", 0)]
    [InlineData("tell me more", "tell more", 1)]
    [InlineData("tell me more", "tell me some more", 1)]
    [InlineData("tell me more", "sell me", 2)]
    [InlineData("tell me more", "", 3)]
    public void Words_changed_lost_or_added_are_wrong(string said, string heard, int wrong) => Assert.Equal(wrong, DoubleTalk.Errors(Split(said), Split(heard)));

    [Fact]
    public void Errors_are_a_distance() => Gen.Select(s_words, s_words, s_words).Sample((a, b, c) =>
    {
        Assert.Equal(DoubleTalk.Errors(a, b), DoubleTalk.Errors(b, a));
        Assert.True(DoubleTalk.Errors(a, c) <= DoubleTalk.Errors(a, b) + DoubleTalk.Errors(b, c));
        Assert.InRange(DoubleTalk.Errors(a, b), Math.Abs(a.Length - b.Length), Math.Max(a.Length, b.Length));
    });

    [Theory]
    [InlineData(1, 0.1, 20)]
    [InlineData(0.25, 0.1, 8)]
    [InlineData(1, 1, 0)]
    public void The_ratio_is_of_the_wanted_sound_to_all_else_whatever_the_level(double wanted, double other, double decibels)
    {
        float[] user = [1, 1, -1, -1, 1, 1, -1, -1], echo = [1, -1, 1, -1, 1, -1, 1, -1];
        float[] heard = [.. user.Zip(echo, (u, e) => (float)(wanted * u + other * e))];
        Assert.Equal(decibels, DoubleTalk.SiSdr(user, heard), 0.05);
    }

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
