using System.Text.Json;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.HuggingFace;

/// <summary>How the rotations that tell positions are stretched: all alike ("linear"), or slow ones more than fast ones ("llama3").</summary>
/// <param name="Factor">By how much, 1 or more.</param>
/// <param name="Low">llama3: a rotation that turns less often than this in the old context is stretched by the whole factor.</param>
/// <param name="High">llama3: one that turns more often is not stretched.</param>
/// <param name="OldContext">llama3: tokens.</param>
internal sealed record RotationStretch(bool IsLinear, double Factor, double Low, double High, double OldContext)
{
    /// <exception cref="InvalidDataException">Another way.</exception>
    public static RotationStretch? Read(JsonElement json, int headSize)
    {
        switch (json.Text("rope_type") ?? json.Text("type"))
        {
            case null or "default":
                return null;
            case "linear":
                return new RotationStretch(true, Positive("factor"), 0, 0, 0);
            case "llama3" when headSize % 2 == 0:
                return new RotationStretch(false, Positive("factor"), Positive("low_freq_factor"), Positive("high_freq_factor"), Positive("original_max_position_embeddings"));
            case var other:
                throw new InvalidDataException($"This model cannot be converted: its positions are stretched in the way '{other}'.");
        }

        double Positive(string key) => json.Number(key) is > 0 and var value ? value : throw new InvalidDataException($"{HuggingFaceConfig.File} is damaged: the rotations' {key} must be above 0.");
    }

    public void AddTo(GgufWriter gguf, string family, double frequency, int headSize)
    {
        if (IsLinear)
        {
            gguf.Add($"{family}.rope.scaling.type", "linear");
            gguf.Add($"{family}.rope.scaling.factor", (float)Factor);
            return;
        }

        var factors = new float[headSize / 2];
        for (var i = 0; i < factors.Length; i++)
            factors[i] = (float)FactorOf(2 * Math.PI * Math.Pow(frequency, 2.0 * i / headSize));
        gguf.AddTensor(TrainableBase.Factors, factors, factors.Length);
    }

    // By the tokens of a full turn; between the two limits it goes over smoothly.
    private double FactorOf(double turn)
    {
        if (turn < OldContext / High)
            return 1;
        if (turn > OldContext / Low)
            return Factor;
        var smooth = ((OldContext / turn) - Low) / (High - Low);
        return 1 / (((1 - smooth) / Factor) + smooth);
    }
}
