using System.Text.Json;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.HuggingFace;

/// <summary>What config.json says of a model of the Llama or Qwen2 family.</summary>
/// <param name="Family">"llama" or "qwen2".</param>
/// <param name="Vocabulary">Rows of the embedding, 1 or more.</param>
/// <param name="Epsilon">Of the norms.</param>
/// <param name="Frequency">Base of the rotations that tell positions.</param>
/// <param name="IsTied">It writes with the matrix that it reads with.</param>
/// <param name="Stretch">How the rotations are stretched for a longer context; null where they are not.</param>
internal sealed record HuggingFaceConfig(string Family, LlamaShape Shape, int Vocabulary, float Epsilon, float Frequency, bool IsTied, RotationStretch? Stretch)
{
    public const string File = "config.json";

    private const int MostOfAnything = 10_000_000;

    /// <exception cref="InvalidDataException">Another family, or one that differs from it in a way that GGUF readers would not see.</exception>
    public static HuggingFaceConfig Read(JsonElement json)
    {
        if (json.Text("model_type") is not ("llama" or "qwen2") and var other)
            throw new InvalidDataException($"{File} is of a model of the family '{other ?? "unknown"}'; Llama and Qwen2 can be converted.");
        Refuse(json.Text("hidden_act") is not ("silu" or null), "its activation is not SiLU");
        Refuse(json.Flag("use_sliding_window") is true, "it looks back through a sliding window");
        Refuse(json.Flag("mlp_bias") is true, "its feed-forward layers have biases");
        var heads = Size("num_attention_heads");
        var shape = new LlamaShape(
            Size("hidden_size"), Size("intermediate_size"), Size("num_hidden_layers"), heads, json.Get("num_key_value_heads") is null ? heads : Size("num_key_value_heads"), Size("max_position_embeddings"));
        if (shape.Problems() is [{ } problem, ..])
            throw new InvalidDataException($"{File} is damaged: {problem}");
        Refuse(json.Whole("head_dim") is { } size && size != shape.Width / heads, "its heads are not as wide as the width divided by their number");
        // Since version 5 of the library the rotations have a place of their own.
        var rotations = json.Get("rope_parameters") ?? json.Get("rope_scaling") ?? default;
        return new HuggingFaceConfig(
            json.Text("model_type")!, shape, Size("vocab_size"), (float)(json.Number("rms_norm_eps") ?? 1e-6),
            (float)(json.Number("rope_theta") ?? rotations.Number("rope_theta") ?? 10000), json.Flag("tie_word_embeddings") ?? false, RotationStretch.Read(rotations, shape.Width / heads));

        int Size(string key) => json.Whole(key) is > 0 and <= MostOfAnything and var value ? value : throw new InvalidDataException($"{File} is damaged: {key} must be a number from 1 to {MostOfAnything}.");
    }

    public void AddTo(GgufWriter gguf, string name)
    {
        Shape.AddTo(gguf, name, Family, Epsilon);
        gguf.Add($"{Family}.vocab_size", (uint)Vocabulary);
        gguf.Add($"{Family}.rope.freq_base", Frequency);
        Stretch?.AddTo(gguf, Family, Frequency, Shape.Width / Shape.Heads);
    }

    private static void Refuse(bool differs, string how)
    {
        if (differs)
            throw new InvalidDataException($"This model cannot be converted: {how}.");
    }
}
