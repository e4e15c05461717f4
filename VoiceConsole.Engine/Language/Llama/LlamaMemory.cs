using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>What a model takes in memory, told from the head of its file before it is loaded.</summary>
internal static class LlamaMemory
{
    // Working memory beside weights, cache and scores; measured at some tens of megabytes, rounded up.
    private const long Work = 100_000_000;

    private const int BytesOfAValue = 2, BytesOfAScore = 4;

    /// <summary>Bytes: the weights, the cache of keys and values of a whole context, and what a batch works with.</summary>
    public static long Needed(GgufHead head, long fileBytes, int contextTokens, int batchTokens)
    {
        var family = head.Text("general.architecture");
        var heads = Math.Max(1, Number("attention.head_count"));
        var keyHeads = Number("attention.head_count_kv") is var known and > 0 ? known : heads;
        var width = Number("embedding_length");
        var context = Number("context_length") is var trained and > 0 ? Math.Min(contextTokens, trained) : contextTokens;
        var cache = 2 * Number("block_count") * (width / heads * keyHeads) * context * BytesOfAValue;
        return fileBytes + cache + (batchTokens * Number("vocab_size") * BytesOfAScore) + Work;

        long Number(string key) => head.Number($"{family}.{key}");
    }
}
