using VoiceConsole.Web.Commands.Bench;

namespace VoiceConsole.Tests.Web;

public class LlamaBenchTests
{
    [Theory]
    [InlineData("""[{ "n_gen": 64, "avg_ts": 123.5, "stddev_ts": 0.1 }]""", 123.5)]
    [InlineData("""[{ "n_gen": 64 }]""", null)]
    [InlineData("[]", null)]
    [InlineData("""{ "avg_ts": 1 }""", null)]
    [InlineData("""[{ "avg_ts": "fast" }]""", null)]
    [InlineData("usage: something", null)]
    public void Report_GivesItsSpeed_AndAnythingElseNothing(string json, double? speed) => Assert.Equal(speed, LlamaBench.SpeedIn(json));
}
