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

    /// <summary>Weights of a model of this shape with its own output matrix.</summary>
    public long Weights(int vocabulary) =>
        (2L * vocabulary * Width) + Width + (Layers * ((2L * Width * Width) + (2L * Width * KeyWidth) + (3L * Width * Hidden) + (2L * Width)));

    /// <summary>The shape as readers of GGUF want it.</summary>
    internal void AddTo(GgufWriter gguf, string name)
    {
        gguf.Add("general.architecture", "llama");
        gguf.Add("general.name", name);
        gguf.Add("llama.context_length", (uint)Context);
        gguf.Add("llama.embedding_length", (uint)Width);
        gguf.Add("llama.block_count", (uint)Layers);
        gguf.Add("llama.feed_forward_length", (uint)Hidden);
        gguf.Add("llama.attention.head_count", (uint)Heads);
        gguf.Add("llama.attention.head_count_kv", (uint)KeyHeads);
        gguf.Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        gguf.Add("llama.rope.dimension_count", (uint)(Width / Heads));
    }
}
