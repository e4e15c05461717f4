using VoiceConsole.Engine.Echo;

namespace VoiceConsole.Tests.Engine.Echo;

public class PlayedWordsTests
{
    private const int Second = 16_000;

    [Theory]
    [InlineData("the sun is about to rise", 1)]
    [InlineData("The sun, is about TO rise!", 1)]
    [InlineData("the son is about to rise", 5 / 6.0)]
    [InlineData("what is the time now please", 2 / 6.0)]
    [InlineData("the sun", 0)]
    [InlineData("stop", 0)]
    [InlineData("", 0)]
    public void A_transcript_is_held_against_what_was_playing(string transcript, double share) =>
        Assert.Equal(share, Played("the sun is about to rise").ShareOf(transcript, Second, 4 * Second), 2);

    [Fact]
    public void A_word_counts_as_often_as_it_was_played() =>
        Assert.Equal(1 / 3.0, Played("no more of it").ShareOf("no no no", Second, 4 * Second), 2);

    [Fact]
    public void Who_repeats_the_console_afterwards_is_a_user() =>
        Assert.Equal(0, Played("the sun is about to rise").ShareOf("the sun is about to rise", 6 * Second, 9 * Second));

    [Fact]
    public void Chinese_is_compared_by_its_characters()
    {
        var played = Played("现在是早上，太阳刚刚升起来。");
        Assert.Equal(1, played.ShareOf("太阳刚刚升起来", Second, 4 * Second));
        Assert.True(played.ShareOf("我想问你一个问题", Second, 4 * Second) < PlayedWords.Containment);
    }

    // The words one after the other, from the first second to the third.
    private static PlayedWords Played(string text)
    {
        var played = new PlayedWords(Second);
        var words = text.Split(' ');
        for (var i = 0; i < words.Length; i++)
            played.Add(words[i], Second + 2L * Second * (i + 1) / words.Length);
        return played;
    }
}
