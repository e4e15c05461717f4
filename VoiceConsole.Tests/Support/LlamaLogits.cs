using VoiceConsole.Engine.Language.Llama;

namespace VoiceConsole.Tests.Support;

/// <summary>What llama.cpp itself makes of a model file, with keys and values in full precision.</summary>
internal static unsafe class LlamaLogits
{
    /// <summary>For each token the scores of the next.</summary>
    public static float[][] Of(LlamaModel model, int[] tokens)
    {
        var parameters = LlamaNative.ContextDefaults();
        (parameters.ContextTokens, parameters.BatchTokens, parameters.MicroBatchTokens) = (64, 64, 64);
        (parameters.FlashAttention, parameters.KeyType, parameters.ValueType, parameters.Threads, parameters.BatchThreads) = (0, 0, 0, 1, 1);
        var context = LlamaNative.ContextCreate(model.DangerousGetHandle(), parameters);
        Assert.NotEqual(0, context);
        try
        {
            byte[] wanted = [.. tokens.Select(_ => (byte)1)];
            fixed (int* first = tokens)
            fixed (byte* outputs = wanted)
            {
                var batch = LlamaNative.BatchOf(first, tokens.Length);
                batch.Outputs = (nint)outputs;
                Assert.Equal(0, LlamaNative.Decode(context, batch));
            }

            return [.. Enumerable.Range(0, tokens.Length).Select(i => new ReadOnlySpan<float>(LlamaNative.Logits(context, i), model.VocabularySize).ToArray())];
        }
        finally
        {
            LlamaNative.ContextFree(context);
        }
    }
}
