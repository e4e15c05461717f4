using System.Numerics.Tensors;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Evaluate;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.Finetune;

public sealed class LlamaGraphTests : IDisposable
{
    private const int Windows = 2, Length = 12;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StoryModel_LossBeforeLearning_IsTheOneThatLlamaCppHas()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = TinyLlama.Require(_folder);
        using var llama = new LlamaModel(model, folders);
        Lesson[] lessons = [.. new[] { "<s>Once upon a time there was a dog.", "<s>Lily had a red ball. She liked to play." }
            .Select(t => llama.Tokenize(t, addSpecial: false, parseSpecial: true)).Select(t => new Lesson(t, [.. t.Select((_, i) => i > 2)]))];
        using var trained = new TrainableModel(model, folders, Windows, 40, 30, 1);

        var loss = trained.Measure(new TokenWindows(lessons, 40)).Loss;

        // llama.cpp keeps keys and values in half precision.
        Assert.Equal(HeldOutLoss.Measure(model, lessons, 1, folders, TestContext.Current.CancellationToken), loss, 2e-3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Gradient_OfEveryTensor_IsTheSlopeOfTheLoss(bool isTied)
    {
        LlamaNative.Load(await Parts.FoldersAsync("llama"));
        var file = isTied ? Write(_folder / "tied.gguf") : TinyLlama.Require(_folder);
        var shape = TrainableBase.Read(file);
        Assert.Equal(isTied, shape.IsTied);
        using var backend = GgmlHandle.Of(GgmlNative.BackendCreate(1), GgmlNative.BackendFree);
        using var weights = new LlamaWeights(file, shape);
        using var learner = new AdamW(weights, backend.Pointer);
        using var there = new LlamaGraph(weights, null, backend.Pointer, Windows, Length, Length);
        using var andBack = new LlamaGraph(weights, learner, backend.Pointer, Windows, Length, Length);
        var windows = Chance(shape.Vocabulary);
        int[] which = [0, 1];

        Assert.Equal(there.Run(windows, which).Loss, andBack.Run(windows, which).Loss, 1e-5);

        foreach (var (name, tensor) in shape.LearntNames.Zip(weights.Learnt))
        {
            // Along its own gradient the loss changes by the gradient's length.
            var direction = LlamaWeights.Values(learner.GradientOf(tensor)).ToArray();
            var slope = TensorPrimitives.Norm<float>(direction);
            var way = 5e-3f / Math.Max(slope, 0.1f) / slope;
            var difference = LossAt(way) - LossAt(-way);
            Assert.True(slope > 1e-4, $"{name} has no gradient");
            Assert.InRange(difference / (2 * way * slope * slope), 0.99, 1.01);

            double LossAt(float by)
            {
                var values = LlamaWeights.Values(tensor);
                var kept = values.ToArray();
                TensorPrimitives.MultiplyAdd(direction, by, kept, values);
                var loss = there.Run(windows, which).Loss;
                kept.CopyTo(values);
                return loss;
            }
        }
    }

    [Fact]
    public async Task RandomModel_LearningAFewSentences_KnowsThemAndSoAgainWithTheSameSeed()
    {
        var folders = await Parts.FoldersAsync("llama");
        var model = Write(_folder / "new.gguf");
        using var llama = new LlamaModel(model, folders);
        var windows = new TokenWindows(
            new[] { "<s>abba<|assistant|>b a</s>", "<s>ba<|assistant|>abba</s>", "<s>a b<|assistant|>ba ba</s>" }
                .Select(t => llama.Tokenize(t, addSpecial: false, parseSpecial: true)).Select(t => new Lesson(t, [.. t.Select(_ => true)])),
            Length);

        var (first, second) = (Learn(), Learn());

        Assert.InRange(first, 0, 0.5);
        Assert.Equal(first, second);

        double Learn()
        {
            using var trained = new TrainableModel(model, folders, windows.Count, Length, windows.MostCounted, 1);
            for (var step = 0; step < 150; step++)
                trained.Learn(windows, windows.Order(1, step), step, 5e-3, 0);
            return trained.Measure(windows).Loss;
        }
    }

    private static string Write(string file)
    {
        RandomLlama.Write(file, "tiny", "MIT", new LlamaShape(32, 48, 2, 4, 2, 64), Vocabulary.Of(["▁", "a", "b"], ["ab", "ba", "abba"]), 1);
        return file;
    }

    private static TokenWindows Chance(int vocabulary)
    {
        var random = new Random(3);
        return new TokenWindows(
            Enumerable.Range(0, 4).Select(i => new Lesson([.. Enumerable.Range(0, 6 - (i % 2)).Select(_ => random.Next(vocabulary))], [false, true, true, false, true, true])), Length);
    }
}
