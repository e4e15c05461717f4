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
    public void AnyConversations_Windows_LabelsAreTheNextTokensAndOrderHasEachOnce() =>
        Gen.Select(Gen.Int[0, 1000].Array[0, 20].Array[0, 10], Gen.Int[2, 9]).Sample((conversations, length) =>
        {
            var windows = new TokenWindows(conversations, length);
            int[] all = [.. conversations.SelectMany(c => c)];

            for (var i = 0; i < windows.Count; i++)
            {
                Assert.Equal(all[(i * length)..((i + 1) * length)], windows.Tokens(i).ToArray());
                Assert.Equal(all[((i * length) + 1)..((i * length) + length + 1)], windows.Labels(i).ToArray());
            }

            Assert.Equal(Math.Max(0, (all.Length - 1) / length), windows.Count);
            Assert.Equal(Enumerable.Range(0, windows.Count), windows.Order(1, 2).Order());
            Assert.Equal(windows.Order(1, 2), windows.Order(1, 2));
        });

    [Fact]
    public void SettingsOutOfRange_EachIsNamed()
    {
        var problems = new FineTuneOptions { WindowTokens = 100, Rate = 0, Epochs = 0, Patience = 0 }.Problems();

        Assert.Equal(5, problems.Count);
        Assert.Empty(new FineTuneOptions().Problems());
    }
}
