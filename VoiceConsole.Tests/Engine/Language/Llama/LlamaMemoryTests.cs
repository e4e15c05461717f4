using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Tests.Engine.Language.Llama;

public class LlamaMemoryTests
{
    [Fact]
    public void LlamaOfEightBillion_NeedsItsWeightsAndHalfAGigabyteOfCache()
    {
        var head = new GgufHead(
            new Dictionary<string, object>
            {
                ["general.architecture"] = "llama",
                ["llama.block_count"] = 32u,
                ["llama.embedding_length"] = 4096u,
                ["llama.attention.head_count"] = 32u,
                ["llama.attention.head_count_kv"] = 8u,
                ["llama.context_length"] = 8192u,
                ["llama.vocab_size"] = 128_256u,
            },
            new Dictionary<string, GgufTensor>());

        // 2 x 32 blocks x 1024 values x 4096 tokens x 2 bytes, and 256 x 128,256 scores of 4 bytes.
        Assert.Equal(5_000_000_000 + 536_870_912 + 131_334_144 + 100_000_000, LlamaMemory.Needed(head, 5_000_000_000, 4096, 256));
    }

    [Fact]
    public void MoreThanIsFree_IsRefusedWithBothFigures()
    {
        var error = Assert.Throws<ModelUnavailableException>(() => FreeMemory.Require("/models/large.gguf", 9_000_000_000, 2_500_000_000));

        Assert.Equal("large.gguf needs about 9.0 GB of memory, and 2.5 GB are free.", error.Message);
        Assert.Contains("smaller", error.Remedy, StringComparison.Ordinal);
        FreeMemory.Require("/models/small.gguf", 10, 10);
    }

    [Fact]
    public void FreeMemory_OfThisMachine_IsSomeOfIt() =>
        Assert.InRange(FreeMemory.Bytes, 1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}
