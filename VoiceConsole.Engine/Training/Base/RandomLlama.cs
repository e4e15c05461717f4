using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.Base;

/// <summary>A Llama that knows nothing yet: random weights of a given shape, the same for the same seed.</summary>
internal static class RandomLlama
{
    // As GPT-2 began; what a block adds is scaled down so that the sum over all blocks keeps its size.
    private const double Spread = 0.02;

    /// <param name="file">Written or overwritten, in F32.</param>
    /// <exception cref="ArgumentException">The shape makes no sense.</exception>
    public static void Write(string file, LlamaShape shape, Vocabulary vocabulary, int seed)
    {
        if (shape.Problems() is [{ } problem, ..])
            throw new ArgumentException(problem, nameof(shape));
        var random = new Random(seed);
        var gguf = new GgufWriter();
        shape.AddTo(gguf, $"random-{seed}");
        gguf.Add("llama.vocab_size", (uint)vocabulary.Tokens.Count);
        vocabulary.AddTo(gguf);
        var added = Spread / Math.Sqrt(2 * shape.Layers);
        var (width, hidden, keys) = (shape.Width, shape.Hidden, shape.KeyWidth);
        Matrix("token_embd", Spread, width, vocabulary.Tokens.Count);
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            Ones($"blk.{layer}.attn_norm", width);
            Matrix($"blk.{layer}.attn_q", Spread, width, width);
            Matrix($"blk.{layer}.attn_k", Spread, width, keys);
            Matrix($"blk.{layer}.attn_v", Spread, width, keys);
            Matrix($"blk.{layer}.attn_output", added, width, width);
            Ones($"blk.{layer}.ffn_norm", width);
            Matrix($"blk.{layer}.ffn_gate", Spread, width, hidden);
            Matrix($"blk.{layer}.ffn_down", added, hidden, width);
            Matrix($"blk.{layer}.ffn_up", Spread, width, hidden);
        }

        Ones("output_norm", width);
        Matrix("output", Spread, width, vocabulary.Tokens.Count);
        gguf.Write(file);

        void Ones(string name, int size) => gguf.AddTensor($"{name}.weight", Enumerable.Repeat(1f, size).ToArray(), size);

        void Matrix(string name, double spread, int columns, int rows)
        {
            var values = new float[columns * rows];
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)(spread * Normal(random));
            gguf.AddTensor($"{name}.weight", values, columns, rows);
        }
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
