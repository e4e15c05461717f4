using CsCheck;
using VoiceConsole.Engine.Echo;

namespace VoiceConsole.Tests.Engine.Echo;

public class StopWordsTests
{
    [Theory]
    [InlineData("Stop.")]
    [InlineData("stop it")]
    [InlineData("Be quiet!")]
    [InlineData("oh, hold on")]
    [InlineData("please wait")]
    [InlineData("停")]
    [InlineData("停下。")]
    [InlineData("请别说了")]
    public void It_stops(string said) => Assert.True(StopWords.Has(said));

    [Theory]
    [InlineData("")]
    [InlineData("mm-hm")]
    [InlineData("okay")]
    [InlineData("嗯")]
    [InlineData("where is the bus stop near the old library")]
    [InlineData("我想去公共汽车站不停车")]
    [InlineData("unstoppable")]
    public void It_goes_on(string said) => Assert.False(StopWords.Has(said));

    [Fact]
    public void Any_text_gets_an_answer() => Gen.String.Sample(text => StopWords.Has(text) == StopWords.Has(text.ToUpperInvariant().ToLowerInvariant()) || text.Any(c => c > 127));
}
