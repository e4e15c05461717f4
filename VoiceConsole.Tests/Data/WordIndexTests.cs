using CsCheck;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

public sealed class WordIndexTests
{
    [Theory]
    [InlineData("weather", "\"weather\"*")]
    [InlineData("what time", "\"what\"* \"time\"*")]
    [InlineData("\"what time\" now", "\"what time\" \"now\"*")]
    [InlineData("天气", "\"天  气\"")]
    [InlineData("GPT模型", "\"GPT 模  型\"")]
    [InlineData("模型x", "\"模  型 x\"*")]
    [InlineData("𠮷", "\"𠮷\"")]
    [InlineData("a\"b", "\"a\"* \"b\"*")]
    [InlineData("?! -- \"", null)]
    [InlineData("", null)]
    public void Query_OfWhatWasTyped(string typed, string? query) => Assert.Equal(query, WordIndex.Query(typed));

    [Fact]
    public void Query_OfAnything_HasBalancedQuotesAndNothingOutsideThem() => Gen.String.Sample(typed =>
    {
        if (WordIndex.Query(typed) is { } query)
            Assert.Matches("^(\"[^\"\\0]+\"\\*?)( \"[^\"\\0]+\"\\*?)*$", query);
    });
}
