using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training.Gguf;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Language.Llama;

public sealed class LoraAdapterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Adapter_ChangesTheStory_AsStronglyAsItsScaleSays()
    {
        var model = TinyLlama.Require(_folder);
        var adapter = Write("other.gguf");

        var plain = await TellAsync(model);
        var unscaled = await TellAsync(model, new LoraAdapter(adapter, 0));
        var changed = await TellAsync(model, new LoraAdapter(adapter));

        Assert.StartsWith("Once upon a time", plain, StringComparison.Ordinal);
        Assert.Equal(plain, unscaled);
        Assert.NotEqual(plain, changed);
        Assert.NotEmpty(changed);
    }

    [Theory]
    [InlineData("qwen2", 64, "adapter for models of the family qwen2, and stories260K.gguf is one of llama")]
    [InlineData("llama", 96, "does not fit stories260K.gguf")]
    [InlineData(null, 64, "is no LoRA adapter")]
    public async Task AdapterOfAnotherModel_IsRefusedWithTheReason(string? family, int width, string reason)
    {
        var model = TinyLlama.Require(_folder);
        var adapter = family is null ? model : Write("other.gguf", family, width);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => TellAsync(model, new LoraAdapter(adapter)));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Id_NamesModelAndAdapters()
    {
        var id = LocalModelId.Parse("models/a.gguf+lora:models/b.gguf:0.5+lora:c.gguf");

        Assert.Equal(("models/a.gguf", "a.gguf + b.gguf + c.gguf"), (id.File, id.Name));
        Assert.Equal([new LoraAdapter("models/b.gguf", 0.5f), new LoraAdapter("c.gguf")], id.Adapters);
        Assert.Equal("models/a.gguf+lora:models/b.gguf:0.5+lora:c.gguf", id.ToString());
        Assert.Equal(new LoraAdapter(@"C:\b.gguf"), LoraAdapter.Parse(@"C:\b.gguf"));
        Assert.Throws<ArgumentException>(() => LoraAdapter.Parse("b.gguf:much"));
    }

    [Fact]
    public void AdapterDroppedIn_IsListedAsOne()
    {
        Directory.CreateDirectory(_folder / "models");
        Write("models/other.gguf");

        var found = Assert.Single(LocalModel.Find(_folder / "models", 512));

        Assert.Equal((true, "llama", null), (found.IsAdapter, found.Family, found.Problem));
    }

    private static async Task<string> TellAsync(string model, params LoraAdapter[] adapters)
    {
        using var client = new LlamaChatClient(model, await Parts.FoldersAsync("llama"), 1, 256, TaskScheduler.Default, adapters);
        return (await client.GetResponseAsync([], new ChatOptions { Temperature = 0, MaxOutputTokens = 40 }, Cancellation)).Text;
    }

    // Of rank 2, for what the first block asks of the words before: arbitrary weights, large enough to be noticed.
    private string Write(string name, string family = "llama", int width = 64)
    {
        var writer = new GgufWriter();
        writer.Add("general.type", "adapter");
        writer.Add("general.architecture", family);
        writer.Add("adapter.type", "lora");
        writer.Add("adapter.lora.alpha", 8f);
        writer.AddTensor("blk.0.attn_q.weight.lora_a", Weights(width * 2), width, 2);
        writer.AddTensor("blk.0.attn_q.weight.lora_b", Weights(width * 2), 2, width);
        writer.AddTensor("blk.1.attn_v.weight.lora_a", Weights(64 * 2), 64, 2);
        writer.AddTensor("blk.1.attn_v.weight.lora_b", Weights(32 * 2), 2, 32);
        writer.Write(_folder / name);
        return _folder / name;
    }

    private static float[] Weights(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i * 1.7f) * 0.6f)];
}
