using System.Text;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Own;

namespace VoiceConsole.Tests.Engine.Training.Datasets;

public class OwnDatasetTests
{
    private const int Bytes = 800_000;
    private static readonly DatasetRecord[] s_records = [.. OwnDataset.Generate(1, Bytes)];

    public static TheoryData<string> Intents => [.. OwnMaterial.Instance.Intents.Select(i => i.Intent)];

    [Theory]
    [MemberData(nameof(Intents))]
    public void EveryIntent_HasEnoughMaterial_AndRepliesThatKeepToItsRubric(string name)
    {
        var intent = OwnMaterial.Instance.Intents.Single(i => i.Intent == name);
        foreach (var language in OwnDataset.Languages)
        {
            var side = intent.In(language);
            Assert.True(side.Phrasings.Distinct().Count() >= 12, $"{language}: {side.Phrasings.Count} phrasings");
            Assert.True(side.HeldOut.Distinct().Count() >= 3 && side.Replies.Distinct().Count() >= 3);
            Assert.NotEmpty(side.Required);
            var rubric = new HeldOutPrompt(language, name, "", side.Required);
            foreach (var reply in side.Replies)
                Assert.True(rubric.Problems(reply).Count == 0, $"{reply}: {string.Join(" ", rubric.Problems(reply))}");
            foreach (var more in side.More)
                Assert.Empty(new HeldOutPrompt(language, name, "", []).Problems(more));
        }
    }

    [Fact]
    public void SixtyIntentsAndMore_InBothLanguages() => Assert.InRange(OwnMaterial.Instance.Intents.Count, 60, 200);

    [Fact]
    public void SameSeed_SameRecords_OtherSeed_Others()
    {
        Assert.Equal(Text(s_records), Text(OwnDataset.Generate(1, Bytes)));
        Assert.NotEqual(Text(s_records), Text(OwnDataset.Generate(2, Bytes)));

        static string Text(IEnumerable<DatasetRecord> records) => string.Join("\n", records.Select(r => string.Join("|", r.Messages.Select(m => m.Content))));
    }

    [Fact]
    public void Records_AreConversationsOfOneToFourTurns_OfTheSizeAskedFor_HalfInEachLanguage()
    {
        var bytes = s_records.GroupBy(r => r.Language).ToDictionary(g => g.Key, g => g.Sum(r => r.Messages.Sum(m => Encoding.UTF8.GetByteCount(m.Content))));
        Assert.InRange(bytes.Values.Sum(), Bytes, Bytes * 1.01);
        Assert.InRange((double)bytes["en"] / bytes["zh"], 0.98, 1.02);
        Assert.All(s_records, r =>
        {
            Assert.InRange(r.Messages.Count, 2, 8);
            Assert.All(r.Messages.Index(), m => Assert.Equal(m.Index % 2 == 0 ? "user" : "assistant", m.Item.Role));
            Assert.Equal(r.Messages.Count / 2, r.Tags.Count);
            Assert.DoesNotContain('{', r.Messages[0].Content);
        });
        Assert.Equal(s_records.Length, s_records.Select(r => r.Id).Distinct().Count());
        Assert.Equal([2, 4, 6, 8], s_records.Select(r => r.Messages.Count).Distinct().Order());
    }

    [Fact]
    public void EveryIntent_IsTaughtInBothLanguages_WithVariedWords()
    {
        var taught = s_records.SelectMany(r => r.Tags.Select((tag, i) => (r.Language, Tag: tag, Said: r.Messages[i * 2].Content))).ToLookup(t => (t.Language, t.Tag), t => t.Said);
        foreach (var intent in OwnMaterial.Instance.Intents)
        {
            foreach (var language in OwnDataset.Languages)
                Assert.True(taught[(language, intent.Intent)].Distinct().Count() >= 20, $"{intent.Intent} {language}: {taught[(language, intent.Intent)].Distinct().Count()}");
        }
    }

    [Fact]
    public void HeldOutPrompts_AreTwoHundred_OfEveryIntent_AndNotInTheTrainingSet()
    {
        var prompts = OwnDataset.HeldOut();
        Assert.Equal(100, prompts.Count(p => p.Language == "en"));
        Assert.Equal(100, prompts.Count(p => p.Language == "zh"));
        Assert.True(prompts.Select(p => (p.Language, p.Intent)).Distinct().Count() >= 200 * 0.9);
        Assert.Equal(OwnMaterial.Instance.Intents.Count * 2, OwnDataset.HeldOut(HeldOutSet.Blind).Select(p => (p.Language, p.Intent)).Distinct().Count());
        prompts = [.. prompts, .. OwnDataset.HeldOut(HeldOutSet.Rest), .. OwnDataset.HeldOut(HeldOutSet.Blind)];
        var said = s_records.SelectMany(r => r.Messages).Where(m => m.Role == "user").Select(m => PlainWords.Of(m.Content)).ToHashSet();
        Assert.DoesNotContain(prompts, p => said.Contains(PlainWords.Of(p.Text)));
        Assert.DoesNotContain(OwnDataset.Provoking(), p => said.Contains(PlainWords.Of(p.Text)));
        Assert.Contains(OwnMaterial.Instance.Intents[0].En.Phrasings, p => said.Contains(PlainWords.Of(p)));
    }

    [Fact]
    public void ProvokingPrompts_AreSixtyAndMore_AndEachHasAnIntentThatAnswers()
    {
        var prompts = OwnDataset.Provoking();
        Assert.All(OwnDataset.Languages, l => Assert.True(prompts.Count(p => p.Language == l) >= 30));
        Assert.All(prompts, p => Assert.Equal("refusal", OwnMaterial.Instance.Intents.Single(i => i.Intent == p.Kind).Kind));
    }

    [Theory]
    [InlineData("en", "You are welcome! I am glad to help.", 0)]
    [InlineData("en", "不客气！", 2)]
    [InlineData("en", "Welcome. One. Two.", 1)]
    [InlineData("en", "Good day to you.", 1)]
    [InlineData("en", "", 1)]
    [InlineData("zh", "不客气。", 0)]
    [InlineData("zh", "welcome", 2)]
    public void Rubric_FindsWhatIsWrong(string language, string reply, int problems)
    {
        var prompt = OwnDataset.HeldOut().First(p => p.Intent == "thanks" && p.Language == language);
        Assert.Equal(problems, prompt.Problems(reply).Count);
    }
}
