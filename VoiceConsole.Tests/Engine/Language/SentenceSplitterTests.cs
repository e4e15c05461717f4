using CsCheck;
using VoiceConsole.Engine.Language;

namespace VoiceConsole.Tests.Engine.Language;

public class SentenceSplitterTests
{
    [Theory]
    [InlineData("Good morning. It is 3.5 degrees! Is it?", "Good morning.|It is 3.5 degrees!|Is it?")]
    [InlineData("Dr. Smith met J. Doe. They spoke, e.g. of rain.", "Dr. Smith met J. Doe.|They spoke, e.g. of rain.")]
    [InlineData("He said \"stop!\" Then he left...  Well.", "He said \"stop!\"|Then he left...|Well.")]
    [InlineData("你好。今天天气很好！你呢？", "你好。|今天天气很好！|你呢？")]
    [InlineData("First line\nSecond line", "First line|Second line")]
    [InlineData("   ", "")]
    public void Text_IsCutWhereASpeakerBreathes(string text, string sentences) =>
        Assert.Equal(sentences, string.Join('|', Split([text]).Select(s => s.Text)));

    [Fact]
    public void Sentences_DoNotDependOnThePieces_AndStandWhereTheySay() =>
        Gen.Select(Gen.Char["ab .!?。，\n\"1A"].Array[0, 600].Select(c => new string(c)), Gen.Int[1, 7]).Sample((text, size) =>
        {
            var whole = Split([text]);
            var pieces = Split(text.Chunk(size).Select(c => new string(c)));
            Assert.Equal(whole, pieces);
            var at = 0;
            foreach (var sentence in whole)
            {
                Assert.Equal(sentence.Text, text.Substring(sentence.TextStart, sentence.Text.Length));
                Assert.DoesNotContain(text[at..sentence.TextStart], char.IsLetterOrDigit);
                at = sentence.TextStart + sentence.Text.Length;
            }

            Assert.DoesNotContain(text[at..], char.IsLetterOrDigit);
        });

    [Theory]
    [InlineData("<think>He wants the time. Hm.</think>It is ten.", "It is ten.")]
    [InlineData("**Bold** and `code`. 😀 Fine!", "Bold   and  code .|Fine!")]
    [InlineData("# Title\n- one\n- two", "Title|one|two")]
    public void WhatIsNotForTheEar_IsNotSpoken(string text, string sentences) =>
        Assert.Equal(sentences, string.Join('|', Split(text.Select(c => c.ToString())).Select(s => s.Text)));

    [Fact]
    public void EndlessSentence_IsCut_SoThatSpeechBegins()
    {
        var splitter = new SentenceSplitter("en");

        var first = splitter.Append(string.Concat(Enumerable.Repeat("word ", 60))).First();

        Assert.InRange(first.Text.Length, 60, 201);
    }

    private static List<Sentence> Split(IEnumerable<string> pieces)
    {
        var splitter = new SentenceSplitter("en");
        return [.. pieces.SelectMany(p => splitter.Append(p).ToList()), .. splitter.Complete()];
    }
}
