using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.Base;

/// <summary>The sizes of a Llama.</summary>
/// <param name="Width">Values of one token's embedding; a multiple of <paramref name="Heads"/>.</param>
/// <param name="Hidden">Values of the feed-forward layer.</param>
/// <param name="Layers">Blocks.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="KeyHeads">Heads of keys and values; divides <paramref name="Heads"/>.</param>
/// <param name="Context">Tokens it looks back on.</param>
public sealed record LlamaShape(int Width, int Hidden, int Layers, int Heads, int KeyHeads, int Context)
{
    internal const string Embedding = "token_embd.weight", Output = "output.weight";

    /// <summary>Values of all keys, or all values, of one token.</summary>
    public int KeyWidth => Width / Heads * KeyHeads;

    /// <summary>One sentence for each size that makes no sense; none if it can be built.</summary>
    public IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        if (Width <= 0 || Hidden <= 0 || Layers <= 0 || Heads <= 0 || KeyHeads <= 0 || Context <= 0)
            return ["Every size must be 1 or more."];
        if (Width % Heads != 0 || Width / Heads % 2 != 0)
            problems.Add($"The width {Width} must divide into {Heads} heads of an even size.");
        if (Heads % KeyHeads != 0)
            problems.Add($"{Heads} heads cannot share {KeyHeads} key heads evenly.");
        return problems;
    }

    /// <summary>Weights of a model of this shape.</summary>
    /// <param name="isTied">It writes with the matrix that it reads with.</param>
    public long Weights(int vocabulary, bool isTied) => Tensors(vocabulary, isTied).Sum(t => t.Sizes.Aggregate(1L, (product, size) => product * size));

    /// <summary>The tensors of a model of this shape by the names that GGUF files have; the size that runs fastest comes first.</summary>
    internal IEnumerable<(string Name, int[] Sizes)> Tensors(int vocabulary, bool isTied)
    {
        yield return (Embedding, [Width, vocabulary]);
        for (var block = 0; block < Layers; block++)
        {
            yield return ($"blk.{block}.attn_norm.weight", [Width]);
            yield return ($"blk.{block}.attn_q.weight", [Width, Width]);
            yield return ($"blk.{block}.attn_k.weight", [Width, KeyWidth]);
            yield return ($"blk.{block}.attn_v.weight", [Width, KeyWidth]);
            yield return ($"blk.{block}.attn_output.weight", [Width, Width]);
            yield return ($"blk.{block}.ffn_norm.weight", [Width]);
            yield return ($"blk.{block}.ffn_gate.weight", [Width, Hidden]);
            yield return ($"blk.{block}.ffn_up.weight", [Width, Hidden]);
            yield return ($"blk.{block}.ffn_down.weight", [Hidden, Width]);
        }

        yield return ("output_norm.weight", [Width]);
        if (!isTied)
            yield return (Output, [Width, vocabulary]);
    }

    /// <summary>The shape as readers of GGUF want it.</summary>
    /// <param name="family">"llama", or a family that differs from it in what the shape does not tell.</param>
    internal void AddTo(GgufWriter gguf, string name, string family = "llama", float epsilon = 1e-5f)
    {
        gguf.Add("general.architecture", family);
        gguf.Add("general.name", name);
        gguf.Add($"{family}.context_length", (uint)Context);
        gguf.Add($"{family}.embedding_length", (uint)Width);
        gguf.Add($"{family}.block_count", (uint)Layers);
        gguf.Add($"{family}.feed_forward_length", (uint)Hidden);
        gguf.Add($"{family}.attention.head_count", (uint)Heads);
        gguf.Add($"{family}.attention.head_count_kv", (uint)KeyHeads);
        gguf.Add($"{family}.attention.layer_norm_rms_epsilon", epsilon);
        gguf.Add($"{family}.rope.dimension_count", (uint)(Width / Heads));
    }
}
