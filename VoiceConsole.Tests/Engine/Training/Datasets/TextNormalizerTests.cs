using CsCheck;
using VoiceConsole.Engine.Training.Datasets.Cleaning;

namespace VoiceConsole.Tests.Engine.Training.Datasets;

public class TextNormalizerTests
{
    [Theory]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u00e9", "\u00e9")]
    [InlineData("a\u0323\u0302", "\u1ead")]
    [InlineData("a\u0302\u0323", "\u1ead")]
    [InlineData("u\u0308\u030c", "\u01da")]
    [InlineData("\u212b", "\u00c5")]
    [InlineData("\uf900", "\u8c48")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    [InlineData("\u0958", "\u0915\u093c")]
    [InlineData("a\u0315\u0300", "\u00e0\u0315")]
    [InlineData("e\u0301\u0301", "\u00e9\u0301")]
    [InlineData("\u0301e", "\u0301e")]
    public void CanonicalForm_IsUnicodesNfc(string text, string expected) => Assert.Equal(expected, CanonicalForm.Of(text));

    [Theory]
    [InlineData("  hello \t  there \u00a0 you ", "hello there you")]
    [InlineData("a\r\nb\rc\n\n\n\nd\n", "a\nb\nc\n\nd")]
    [InlineData("a\0b\u0007c\u200bd\ufeffe\u202ef", "abcdef")]
    [InlineData("lost \ufffd letter", "lost letter")]
    [InlineData("你好\u3000世界", "你好 世界")]
    [InlineData("family 👨\u200d👩 stays", "family 👨\u200d👩 stays")]
    [InlineData("\u200b\u0000 \n", "")]
    public void Text_IsGivenOneSpelling(string text, string expected) => Assert.Equal(expected, TextNormalizer.Of(text));

    [Fact]
    public void Normalizing_Again_ChangesNothing() =>
        Gen.Char.Array[0, 40].Select(c => new string(c)).Sample(text => TextNormalizer.Of(TextNormalizer.Of(text)) == TextNormalizer.Of(text));
}
