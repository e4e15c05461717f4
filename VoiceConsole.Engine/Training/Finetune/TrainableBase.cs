using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>Tells before the work begins whether a model can be trained here.</summary>
internal static class TrainableBase
{
    private const uint F32 = 0, F16 = 1;

    /// <exception cref="InvalidDataException">Of another family than Llama, or quantised.</exception>
    /// <exception cref="InvalidOperationException">It needs more memory than there is.</exception>
    public static void Check(string file, int windowTokens)
    {
        var head = GgufReader.Read(file);
        var name = Path.GetFileName(file);
        if (head.Text("general.architecture") is not "llama" and var family)
            throw new InvalidDataException($"{name} is of the family '{family}'; only models of the Llama family can be trained.");
        if (head.TensorTypes.FirstOrDefault(t => t.Value is not (F32 or F16)).Key is { } tensor)
            throw new InvalidDataException($"{name} is quantised already ({tensor}); training needs its F32 or F16 version.");
        var needed = Memory(head, new FileInfo(file).Length, windowTokens);
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed > available)
        {
            throw new InvalidOperationException(
                $"Training {name} with windows of {windowTokens} tokens needs about {needed / 1_000_000} MB and there are {available / 1_000_000} MB. Take a smaller model or shorter windows.");
        }
    }

    /// <summary>The model's weights are not all F32: it has to be written anew before it can learn.</summary>
    public static bool IsHalf(string file) => GgufReader.Read(file).TensorTypes.Values.Contains(F16);

    /// <summary>An estimate in bytes: weights, gradients and two momenta, and what a window leaves behind on its way through.</summary>
    internal static long Memory(GgufHead head, long fileBytes, int windowTokens)
    {
        var (width, hidden, layers, heads) = (head.Number("llama.embedding_length"), head.Number("llama.feed_forward_length"), head.Number("llama.block_count"), head.Number("llama.attention.head_count"));
        var vocabulary = Math.Max(head.Number("llama.vocab_size"), 1024);
        var onTheWay = windowTokens * ((layers * ((16 * width) + (6 * hidden) + (4 * heads * windowTokens))) + (4 * vocabulary)) * sizeof(float);
        return (4 * fileBytes * (head.TensorTypes.Values.Contains(F16) ? 2 : 1)) + (2 * onTheWay);
    }
}
