using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Export;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.Base;

public sealed class RandomLlamaTests : IDisposable
{
    private static readonly LlamaShape s_shape = new(64, 128, 2, 4, 2, 256);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RandomModel_QuantisedAndLoaded_ChatsByItsTemplate()
    {
        var folders = await Parts.FoldersAsync("llama");
        Write("wide.gguf", seed: 1);
        Quantizer.Write(_folder / "wide.gguf", _folder / "small.gguf", WeightFormat.Q80, 1, folders);
        using var client = new LlamaChatClient(_folder / "small.gguf", folders, 1, 256, TaskScheduler.Default);

        var reply = await client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, "abba 小")], new ChatOptions { Temperature = 0, MaxOutputTokens = 5 }, TestContext.Current.CancellationToken);

        Assert.True(client.HasTemplate);
        Assert.Equal(ChatFinishReason.Length, reply.FinishReason);
        // <s>, <|user|>, ▁, abba, ▁, three bytes and <|assistant|>.
        Assert.Equal(9, client.Prompt([new ChatMessage(ChatRole.User, "abba 小")]).Length);
        Assert.InRange(new FileInfo(_folder / "small.gguf").Length, 1, new FileInfo(_folder / "wide.gguf").Length / 2);
    }

    [Fact]
    public async Task QuantisedModel_QuantisedAgain_IsRefusedAndLeavesNothing()
    {
        var folders = await Parts.FoldersAsync("llama");
        Write("wide.gguf", seed: 1);
        Quantizer.Write(_folder / "wide.gguf", _folder / "small.gguf", WeightFormat.Q80, 1, folders);

        Assert.Throws<InvalidDataException>(() => Quantizer.Write(_folder / "small.gguf", _folder / "smaller.gguf", WeightFormat.Q4KM, 1, folders));

        Assert.Equal(["small.gguf", "wide.gguf"], Directory.GetFiles(_folder / "").Select(Path.GetFileName).Order());
    }

    [Fact]
    public void SameSeed_WrittenTwice_SameBytesAndAnotherSeedOthers()
    {
        Write("a.gguf", seed: 1);
        Write("b.gguf", seed: 1);
        Write("c.gguf", seed: 2);

        var first = File.ReadAllBytes(_folder / "a.gguf");
        Assert.True(first.AsSpan().SequenceEqual(File.ReadAllBytes(_folder / "b.gguf")));
        Assert.InRange(first.Length, s_shape.Weights(Vocabulary().Tokens.Count, RandomLlama.IsTied) * sizeof(float), int.MaxValue);
        Assert.Equal(first.Length, File.ReadAllBytes(_folder / "c.gguf").Length);
        Assert.False(first.AsSpan().SequenceEqual(File.ReadAllBytes(_folder / "c.gguf")));
    }

    [Fact]
    public void ShapeWithoutSense_Write_SaysWhat()
    {
        var error = Assert.Throws<ArgumentException>(() => RandomLlama.Write(_folder / "x.gguf", "x", "MIT", s_shape with { Heads = 5 }, Vocabulary(), 1));

        Assert.Contains("must divide into 5 heads", error.Message, StringComparison.Ordinal);
    }

    private static Vocabulary Vocabulary() => VoiceConsole.Engine.Training.Base.Vocabulary.Of(["▁", "a", "b"], ["ab", "ba", "abba"]);

    private void Write(string name, int seed) => RandomLlama.Write(_folder / name, "tiny", "MIT", s_shape, Vocabulary(), seed);
}
