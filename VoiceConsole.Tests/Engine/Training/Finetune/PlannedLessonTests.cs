using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.Finetune;

public sealed class PlannedLessonTests : IDisposable
{
    private static readonly DatasetRecord s_record = new(
        "r", [new("user", "a"), new("assistant", "b"), new("user", "ab"), new("assistant", "ba")], "en", "own", "MIT", "test", ["greet", "part"]);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ModelWithPlans_GetsALessonForEachReply_WithItsPlanAndThoseBeforeAsWordsOnly()
    {
        var folders = await Parts.FoldersAsync("llama");
        var file = Model(["greet", "part"]);
        using var writer = new LessonWriter(file, folders);
        using var model = new LlamaModel(file, folders);
        var (greet, part) = (Token(Vocabulary.Plan("greet")), Token(Vocabulary.Plan("part")));

        var lessons = writer.WriteAll(s_record).ToList();

        Assert.Equal(2, lessons.Count);
        Assert.Equal([greet], lessons[0].Tokens.Where(t => t == greet || t == part));
        Assert.Equal([part], lessons[1].Tokens.Where(t => t == greet || t == part));
        foreach (var (lesson, plan, words) in new[] { (lessons[0], greet, " b"), (lessons[1], part, " ba") })
        {
            var at = Array.IndexOf(lesson.Tokens, plan);
            Assert.Equal(Token(Vocabulary.AssistantTurn), lesson.Tokens[at - 1]);
            Assert.Equal(at, lesson.PlanAt);
            Assert.Equal(Enumerable.Range(0, lesson.Tokens.Length).Select(i => i >= at), lesson.IsLearnt);
            // Nobody gets to see the plan.
            Assert.Equal(words, System.Text.Encoding.UTF8.GetString([.. lesson.Tokens[at..].SelectMany(model.Piece)]));
        }

        int Token(string name) => Assert.Single(model.Tokenize(name, addSpecial: false, parseSpecial: true));
    }

    [Theory]
    [InlineData("greet")]
    [InlineData("greet", "part", "again")]
    public async Task TagsThatAreNoPlans_OneLessonForAll(params string[] tags)
    {
        var folders = await Parts.FoldersAsync("llama");
        using var writer = new LessonWriter(Model(["greet"]), folders);

        Assert.Single(writer.WriteAll(s_record));
        Assert.Single(writer.WriteAll(s_record with { Tags = tags }));
    }

    private string Model(string[] tags)
    {
        RandomLlama.Write(_folder / "plan.gguf", "plan", "MIT", new LlamaShape(32, 48, 1, 2, 2, 64), Vocabulary.Of(["▁", "a", "b"], ["ab", "ba"], tags), 1);
        return _folder / "plan.gguf";
    }
}
