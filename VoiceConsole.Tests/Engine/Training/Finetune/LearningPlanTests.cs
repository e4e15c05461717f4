using CsCheck;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Tests.Engine.Training.Finetune;

public sealed class LearningPlanTests
{
    [Fact]
    public void AnyPlan_Rate_RisesToThePeakThenFallsToATenth() =>
        Gen.Select(Gen.Long[1, 50], Gen.Long[60, 500]).Sample((warmUp, total) =>
        {
            var rate = new LearningRate(0.5, warmUp, total);
            double[] rates = [.. Enumerable.Range(0, (int)total + 1).Select(s => rate.At(s))];

            Assert.Equal(0.5, rates.Max(), 9);
            Assert.Equal(rates[..(int)warmUp].Order(), rates[..(int)warmUp]);
            Assert.Equal(rates[(int)warmUp..].OrderDescending(), rates[(int)warmUp..]);
            Assert.Equal(0.05, rates[^1], 9);
        });

    [Fact]
    public void AnyConversations_Windows_HoldEachTokenOnceWithItsLabelAndPlace() =>
        Gen.Select(Gen.Int[1, 1000].Array[0, 20].Array[0, 30], Gen.Int[2, 9]).Sample((conversations, length) =>
        {
            Lesson[] lessons = [.. conversations.Select(c => new Lesson(c, [.. c.Select(t => t % 2 == 0)]))];

            var windows = new TokenWindows(lessons, length);

            var pieces = new List<(int Token, int Label)>();
            for (var window = 0; window < windows.Count; window++)
            {
                var (tokens, labels, positions) = (windows.Tokens(window).ToArray(), windows.Labels(window).ToArray(), windows.Positions(window).ToArray());
                for (var i = 0; i < length && tokens[i] != 0; i++)
                {
                    pieces.Add((tokens[i], labels[i]));
                    Assert.True(positions[i] == 0 || positions[i] == positions[i - 1] + 1);
                }
            }

            var wanted = lessons.SelectMany(l => l.Tokens.Zip(l.Tokens.Skip(1), (token, next) => (token, next % 2 == 0 ? next : TokenWindows.NotCounted)));
            Assert.Equal(wanted.Order(), pieces.Order());
            Assert.Equal(wanted.LongCount(w => w.Item2 != TokenWindows.NotCounted), windows.Counted);
            Assert.Equal(Enumerable.Range(0, windows.Count), windows.Order(1, 2).Order());
            Assert.Equal(windows.Order(1, 2), windows.Order(1, 2));
        });

    [Fact]
    public void SameConversationsButOtherReplies_Fingerprint_Differs()
    {
        int[] tokens = [1, 2, 3, 4];

        var windows = new TokenWindows([new Lesson(tokens, [false, false, true, true])], 8);
        var others = new TokenWindows([new Lesson(tokens, [false, false, false, true])], 8);

        Assert.Equal(new TokenWindows([new Lesson(tokens, [false, false, true, true])], 8).Fingerprint, windows.Fingerprint);
        Assert.NotEqual(others.Fingerprint, windows.Fingerprint);
        Assert.NotEqual(new TokenWindows([new Lesson(tokens, [false, false, true, true]) { PlanAt = 2 }], 8).Fingerprint, windows.Fingerprint);
    }

    [Fact]
    public void Plan_CountsAsMuchAsFourTokens()
    {
        var windows = new TokenWindows([new Lesson([1, 2, 3, 4], [false, false, true, true]) { PlanAt = 2 }], 8);

        Assert.Equal([0, 4, 1, 0, 0, 0, 0, 0], windows.Times(0));
        Assert.Equal((5, 5), (windows.Counted, windows.MostCounted));
    }

    [Fact]
    public void SettingsOutOfRange_EachIsNamed()
    {
        var problems = new FineTuneOptions { WindowTokens = 4, StepWindows = 0, Rate = 0, Epochs = 0, Patience = 0 }.Problems();

        Assert.Equal(5, problems.Count);
        Assert.Single(new FineTuneOptions { MaxSteps = 0 }.Problems());
        Assert.Empty(new FineTuneOptions().Problems());
    }
}
