using CsCheck;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Web.Rerun;

namespace VoiceConsole.Tests.Web;

public sealed class TurnComparisonTests
{
    [Fact]
    public void Turns_OfAnyTwoRuns_AreEachShownOnceAndInOrder() =>
        Gen.Select(Gen.Double[0, 3].Array[0, 40], Gen.Double[0, 3].Array[0, 40]).Sample((one, other) =>
        {
            var (before, after) = (Turns(one), Turns(other));
            var pairs = TurnComparison.Of(before, after);
            Assert.Equal(before, pairs.Select(p => p.Before).OfType<TurnFacts>());
            Assert.Equal(after, pairs.Select(p => p.After).OfType<TurnFacts>());
            Assert.All(pairs, p => Assert.Equal(p.Before is null || p.After is null, p.Differences.HasFlag(TurnDifference.Missing)));
            Assert.All(TurnComparison.Of(before, before), p => Assert.Equal(TurnDifference.None, p.Differences));
        });

    [Theory]
    [InlineData("answered", "It is late.", "answered", "It is late and dark.", TurnDifference.Reply)]
    [InlineData("interrupted", "It is late.", "answered", "It is late. Good night.", TurnDifference.Outcome)]
    [InlineData("answered", "It  is late.", "answered", "It is late.", TurnDifference.None)]
    public void Reply_CutOff_IsTheSameAsFarAsItGoes(string outcome, string reply, string otherOutcome, string otherReply, TurnDifference expected) =>
        Assert.Equal(expected, Assert.Single(TurnComparison.Of([Turn(1, 2, reply, outcome)], [Turn(1, 2, otherReply, otherOutcome)])).Differences);

    private static TurnFacts[] Turns(double[] lengths)
    {
        var turns = new List<TurnFacts>();
        var at = 0.0;
        foreach (var (i, length) in lengths.Index())
        {
            turns.Add(Turn(at, at + length, "yes", "answered") with { Turn = new TurnId(i + 1) });
            at += length + 0.2;
        }

        return [.. turns];
    }

    private static TurnFacts Turn(double from, double to, string reply, string outcome) => new(new TurnId(1), from, to, to + 0.7, false, "hello", reply, outcome, null, []);
}
