using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Gguf;
using VoiceConsole.Engine.Training.HuggingFace;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.HuggingFace;

public sealed class HuggingFaceConverterTests : IDisposable
{
    private static readonly int[] s_tokens = [1, 70, 5, 260, 261, 33, 8, 70, 70, 112, 2, 19];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama", false, "F32", 1)]
    [InlineData("llama", true, "BF16", 3)]
    [InlineData("llama", false, "F16", 2)]
    [InlineData("qwen2", true, "F32", 1)]
    [InlineData("qwen2", false, "BF16", 2)]
    public async Task RandomModel_Converted_HasTheLogitsOfAPlainComputation(string family, bool isTied, string type, int shards)
    {
        var folders = await Parts.FoldersAsync("llama");
        var tiny = new TinyHuggingFace(family, isTied, type);

        HuggingFaceConverter.Convert(tiny.Write(_folder, "tiny", shards), _folder / "tiny.gguf", widens: true, TestContext.Current.CancellationToken);

        AssertAgrees(tiny, folders);
    }

    [Fact]
    public async Task StretchedRotations_Converted_TurnAsLlama3Does()
    {
        var folders = await Parts.FoldersAsync("llama");
        var tiny = new TinyHuggingFace("llama", isTied: true);
        tiny.Config["rope_scaling"] = new { rope_type = "llama3", factor = 8.0, low_freq_factor = 1.0, high_freq_factor = 4.0, original_max_position_embeddings = 128 };

        HuggingFaceConverter.Convert(tiny.Write(_folder, "tiny"), _folder / "tiny.gguf", cancellationToken: TestContext.Current.CancellationToken);

        // Turns of 6.3, 94, 1405 and 21012 tokens: less than a quarter of the old context, between that and the whole, and more.
        var smooth = ((128 / (2 * Math.PI * Math.Pow(TinyHuggingFace.Frequency, 0.25))) - 1) / 3;
        AssertAgrees(tiny, folders, [1, 1 / (((1 - smooth) / 8) + smooth), 8, 8]);
    }

    [Theory]
    [InlineData("F16", 1u)]
    [InlineData("BF16", 30u)]
    public async Task HalfPrecision_Converted_StaysSoAndLoads(string type, uint stored)
    {
        var folders = await Parts.FoldersAsync("llama");

        HuggingFaceConverter.Convert(new TinyHuggingFace("qwen2", true, type).Write(_folder, "tiny"), _folder / "tiny.gguf", cancellationToken: TestContext.Current.CancellationToken);

        var head = GgufReader.Read(_folder / "tiny.gguf");
        Assert.Equal(stored, head.Tensors["blk.1.attn_k.weight"].Type);
        Assert.Equal(0u, head.Tensors["blk.1.attn_k.bias"].Type);
        Assert.Equal("apache-2.0", head.Text("general.license"));
        Assert.Equal("qwen2", head.Text("general.architecture"));
        using var model = new LlamaModel(_folder / "tiny.gguf", folders);
        Assert.Equal("{{ messages[0].content }}", model.Template);
    }

    [Theory]
    [InlineData("qwen2", "abab ab é", new[] { 257, 258, 32, 195, 169 }, "<|im_end|>")]
    [InlineData("llama", "abab ab é", new[] { 263, 262, 263, 259, 198, 172 }, "</s>")]
    public async Task Tokenizer_Converted_SplitsTextAsBefore(string family, string text, int[] split, string end)
    {
        var folders = await Parts.FoldersAsync("llama");
        HuggingFaceConverter.Convert(new TinyHuggingFace(family, true).Write(_folder, "tiny"), _folder / "tiny.gguf", cancellationToken: TestContext.Current.CancellationToken);
        using var model = new LlamaModel(_folder / "tiny.gguf", folders);

        var tokens = model.Tokenize(text, addSpecial: false, parseSpecial: false);

        Assert.Equal(split, tokens);
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString([.. tokens.SelectMany(model.Piece)]).TrimStart());
        Assert.Equal(end, model.EndText);
    }

    [Fact]
    public async Task StoryModel_AsSafetensorsConverted_TellsItsKnownStory()
    {
        var folders = await Parts.FoldersAsync("llama");

        HuggingFaceConverter.Convert(StoriesFolder.Write(_folder), _folder / "stories.gguf", cancellationToken: TestContext.Current.CancellationToken);

        Assert.StartsWith("Once upon a time, there was a little girl named Lily", await StoryAsync(_folder / "stories.gguf"), StringComparison.Ordinal);
        Assert.Equal(await StoryAsync(TinyLlama.Require(_folder)), await StoryAsync(_folder / "stories.gguf"));

        async Task<string> StoryAsync(string file)
        {
            using var client = new LlamaChatClient(file, folders, 1, 256, TaskScheduler.Default);
            return (await client.GetResponseAsync([], new ChatOptions { Temperature = 0, MaxOutputTokens = 120 }, TestContext.Current.CancellationToken)).Text;
        }
    }

    private void AssertAgrees(TinyHuggingFace tiny, string[] folders, double[]? stretch = null)
    {
        var wanted = new PlainTransformer(tiny.Tensors, TinyHuggingFace.Layers, TinyHuggingFace.Heads, TinyHuggingFace.KeyHeads, TinyHuggingFace.Epsilon, TinyHuggingFace.Frequency, stretch).Logits(s_tokens);
        using var model = new LlamaModel(_folder / "tiny.gguf", folders);
        var made = LlamaLogits.Of(model, s_tokens);

        Assert.True(wanted.SelectMany(row => row).Max(Math.Abs) > 0.5, "The model says too little to be compared.");
        Assert.InRange(wanted.Zip(made, (w, m) => w.Zip(m, (a, b) => Math.Abs(a - b)).Max()).Max(), 0, 1e-3);
    }
}
