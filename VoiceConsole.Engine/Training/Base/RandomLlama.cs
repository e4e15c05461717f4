using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.Base;

/// <summary>A Llama that knows nothing yet: random weights of a given shape, the same for the same seed.</summary>
internal static class RandomLlama
{
    /// <summary>One matrix to read and to write tokens with: half as many weights, and each learns from both.</summary>
    public const bool IsTied = true;

    /// <param name="file">Written or overwritten, in F32.</param>
    /// <param name="name">The model's own.</param>
    /// <param name="licence">SPDX identifiers.</param>
    /// <exception cref="ArgumentException">The shape makes no sense.</exception>
    public static void Write(string file, string name, string licence, LlamaShape shape, Vocabulary vocabulary, int seed)
    {
        if (shape.Problems() is [{ } problem, ..])
            throw new ArgumentException(problem, nameof(shape));
        var random = new Random(seed);
        var gguf = new GgufWriter();
        shape.AddTo(gguf, name);
        gguf.Add("general.license", licence);
        gguf.Add("llama.vocab_size", (uint)vocabulary.Tokens.Count);
        vocabulary.AddTo(gguf);
        // A row times a vector of unit values is as large as these, whatever the width. Smaller weights, as large models begin with,
        // change too much with every step: it takes three times as long until anything is learnt.
        var whole = 1 / Math.Sqrt(shape.Width);
        // What a block adds is scaled down so that the sum over all blocks keeps its size.
        var added = whole / Math.Sqrt(2 * shape.Layers);
        foreach (var (tensor, sizes) in shape.Tensors(vocabulary.Tokens.Count, IsTied))
        {
            var values = new float[sizes.Aggregate((product, size) => product * size)];
            var spread = tensor.EndsWith("attn_output.weight", StringComparison.Ordinal) || tensor.EndsWith("ffn_down.weight", StringComparison.Ordinal) ? added : whole;
            for (var i = 0; i < values.Length; i++)
                values[i] = sizes.Length == 1 ? 1 : (float)(spread * Normal(random));
            gguf.AddTensor(tensor, values, sizes);
        }

        gguf.Write(file);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
