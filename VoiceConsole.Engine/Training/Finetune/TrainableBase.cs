using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>What a model file is like that can be trained here. All is checked before native code, which ends the process, sees it.</summary>
/// <param name="Vocabulary">Tokens.</param>
/// <param name="Epsilon">Of the norms.</param>
/// <param name="Frequency">Base of the rotations that tell positions.</param>
/// <param name="IsTied">It writes with the matrix that it reads with.</param>
/// <param name="HasFactors">Its rotations are stretched, each by a factor.</param>
/// <param name="IsHalf">Not all weights are F32: it has to be written anew before it can learn.</param>
internal sealed record TrainableBase(LlamaShape Shape, int Vocabulary, float Epsilon, float Frequency, bool IsTied, bool HasFactors, bool IsHalf)
{
    /// <summary>The tensor that stretches rotations; it is not trained.</summary>
    public const string Factors = "rope_freqs.weight";

    private const uint F32 = 0, F16 = 1;

    /// <summary>The matrix that the next token is read from.</summary>
    public string OutputName => IsTied ? LlamaShape.Embedding : LlamaShape.Output;

    public IEnumerable<string> LearntNames => Shape.Tensors(Vocabulary, IsTied).Select(t => t.Name);

    public IEnumerable<string> TensorNames => HasFactors ? LearntNames.Append(Factors) : LearntNames;

    /// <summary>Whether a whole GGUF file can be trained.</summary>
    public static bool CanTrain(string file)
    {
        try
        {
            Read(file);
            return true;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or OverflowException)
        {
            return false;
        }
    }

    /// <exception cref="InvalidDataException">Damaged, quantised, or of another family than Llama.</exception>
    public static TrainableBase Read(string file)
    {
        var head = GgufReader.Read(file);
        var name = Path.GetFileName(file);
        if (head.Text("general.architecture") is not "llama" and var family)
            throw new InvalidDataException($"{name} is of the family '{family}'; only models of the Llama family can be trained.");
        if (head.Tensors.FirstOrDefault(t => t.Value.Type is not (F32 or F16)).Key is { } small)
            throw new InvalidDataException($"{name} is quantised already ({small}); training needs its F32 or F16 version.");
        int Size(string key) => checked((int)head.Number($"llama.{key}"));
        var heads = Size("attention.head_count");
        var shape = new LlamaShape(
            Size("embedding_length"), Size("feed_forward_length"), Size("block_count"), heads,
            Size("attention.head_count_kv") is > 0 and var keyHeads ? keyHeads : heads, Size("context_length"));
        if (shape.Problems() is [{ } problem, ..])
            throw new InvalidDataException($"{name} is damaged: {problem}");
        var made = new TrainableBase(
            shape, (int)(head.Tensors.GetValueOrDefault(LlamaShape.Embedding)?.Sizes[^1] ?? 0),
            head.Values.GetValueOrDefault("llama.attention.layer_norm_rms_epsilon") as float? ?? 1e-5f, head.Values.GetValueOrDefault("llama.rope.freq_base") as float? ?? 10000,
            !head.Tensors.ContainsKey(LlamaShape.Output), head.Tensors.ContainsKey(Factors), head.Tensors.Values.Any(t => t.Type == F16));
        var sizes = shape.Tensors(made.Vocabulary, made.IsTied).ToDictionary(t => t.Name, t => t.Sizes);
        if (made.HasFactors)
            sizes[Factors] = [shape.Width / heads / 2];
        if (sizes.Keys.Union(head.Tensors.Keys).FirstOrDefault(t => !sizes.TryGetValue(t, out var wanted) || head.Tensors.GetValueOrDefault(t)?.Sizes.SequenceEqual(wanted.Select(s => (long)s)) != true) is { } other)
            throw new InvalidDataException($"{name} cannot be trained: its tensor '{other}' is not as in a plain Llama.");
        if (head.Text("llama.rope.scaling.type") is not ("" or "none") || (head.Number("llama.rope.dimension_count") is not 0 and var turned && turned != shape.Width / heads))
            throw new InvalidDataException($"{name} cannot be trained: its positions are told otherwise than in a plain Llama.");
        return made;
    }

    /// <exception cref="InvalidOperationException">It needs more memory than there is.</exception>
    public void CheckMemory(int tokens)
    {
        var needed = Memory(tokens);
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed > available)
        {
            throw new InvalidOperationException(
                $"Training with {tokens} tokens at once needs about {needed / 1_000_000} MB and there are {available / 1_000_000} MB. Take a smaller model, or fewer or shorter windows.");
        }
    }

    /// <summary>An estimate in bytes: weights, gradients and two momenta, and what the tokens of a step leave behind on their way.</summary>
    internal long Memory(int tokens)
    {
        var onTheWay = (long)tokens * ((Shape.Layers * ((16L * Shape.Width) + (6L * Shape.Hidden) + (4L * Shape.Heads * 256))) + (5L * Vocabulary));
        return sizeof(float) * ((4 * Shape.Tensors(Vocabulary, IsTied).Sum(t => t.Sizes.Aggregate(1L, (a, b) => a * b))) + onTheWay);
    }
}
