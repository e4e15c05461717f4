using VoiceConsole.Web.Commands.Bench;

namespace VoiceConsole.Tests.Web;

public class LlamaBenchTests
{
    [Theory]
    [InlineData("""[{ "n_gen": 20, "avg_ns": 2000000 }, { "n_gen": 60, "avg_ns": 12000000 }]""", 4000.0)]
    [InlineData("""[{ "n_gen": 20, "avg_ns": 2000000 }]""", null)]
    [InlineData("""[{ "n_gen": 20, "avg_ns": 2000000 }, { "n_gen": 60, "avg_ns": 1000000 }]""", null)]
    [InlineData("""[{ "n_gen": 20, "avg_ns": "fast" }, { "n_gen": 60, "avg_ns": 12000000 }]""", null)]
    [InlineData("""{ "avg_ns": 1 }""", null)]
    [InlineData("[1, 2]", null)]
    [InlineData("usage: something", null)]
    public void Report_GivesItsSpeed_AndAnythingElseNothing(string json, double? speed) => Assert.Equal(speed, LlamaBench.SpeedIn(json));
}
