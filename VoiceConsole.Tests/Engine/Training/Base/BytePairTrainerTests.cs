using CsCheck;
using VoiceConsole.Engine.Training.Base;

namespace VoiceConsole.Tests.Engine.Training.Base;

public sealed class BytePairTrainerTests
{
    private const int Plain = 261;

    [Fact]
    public void FrequentWords_Learnt_AreTokensWithTheirSpace()
    {
        var vocabulary = BytePairTrainer.Train(Enumerable.Repeat("hello there hello 你好 你好", 20), size: 300);

        Assert.Contains("▁hello", vocabulary.Tokens);
        Assert.Contains("你好", vocabulary.Tokens);
        Assert.DoesNotContain("▁hello▁there", vocabulary.Tokens);
        Assert.DoesNotContain("你好你好", BytePairTrainer.Train(Enumerable.Repeat("你好你好", 20), size: 300).Tokens);
        Assert.Equal(vocabulary.Tokens.Count, vocabulary.Scores.Count);
        Assert.Equal(vocabulary.Tokens.Count, vocabulary.Types.Count);
    }

    [Fact]
    public void AnyTexts_LearntTwice_SameTokensWithinTheSizeAndEachOnce() =>
        Gen.String[Gen.Char["ab cd你好.,'1"], 0, 30].Array[0, 12].Sample(texts =>
        {
            var first = BytePairTrainer.Train(texts, size: 290, minCount: 1);
            var second = BytePairTrainer.Train(texts, size: 290, minCount: 1);

            Assert.Equal(first.Tokens, second.Tokens);
            Assert.InRange(first.Tokens.Count, Plain, 290);
            Assert.Equal(first.Tokens.Count, first.Tokens.Distinct().Count());
        });

    [Fact]
    public void JoinedTokens_Scores_FallInTheOrderOfLearning()
    {
        var vocabulary = BytePairTrainer.Train(["abab abab abab"], size: 300);

        var joined = vocabulary.Scores.Where(s => s < 0).ToArray();
        Assert.NotEmpty(joined);
        Assert.Equal(joined.OrderDescending(), joined);
    }

    [Fact]
    public void SizeWithoutRoomForTheCharacters_SaysHowManyAreNeeded()
    {
        var error = Assert.Throws<ArgumentException>(() => BytePairTrainer.Train(["abc abc"], size: 262));

        Assert.Contains("265 tokens at least", error.Message, StringComparison.Ordinal);
    }
}
