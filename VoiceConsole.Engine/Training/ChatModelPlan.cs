using VoiceConsole.Engine.Training.Base;

namespace VoiceConsole.Engine.Training;

/// <summary>What decides how the console's own chat model turns out: the same plan gives the same weights on the same kind of processor.</summary>
/// <param name="Vocabulary">Tokens.</param>
/// <param name="Seed">Of the first weights and of the data's order.</param>
/// <param name="Rounds">One after the other: the same material said in other words each time.</param>
internal sealed record ChatModelPlan(LlamaShape Shape, int Vocabulary, int Seed, IReadOnlyList<ChatModelRound> Rounds)
{
    /// <summary>The plan of the console's own model. The card says which plan the committed weights were made by.</summary>
    public static ChatModelPlan Default { get; } = new(
        new LlamaShape(Width: 160, Hidden: 320, Layers: 2, Heads: 5, KeyHeads: 5, Context: 256), 3072, 1, [
            new(Seed: 1, Bytes: 2_000_000, Rate: 4e-3, CheckpointSteps: 500) { Epochs = 4, MaxSteps = 2600 },
            new(Seed: 2, Bytes: 1_200_000, Rate: 3e-3, CheckpointSteps: 500) { Epochs = 4, MaxSteps = 1500 },
        ]);
}

/// <param name="Seed">Of the conversations.</param>
/// <param name="Bytes">Of their text.</param>
/// <param name="Rate">Highest learning rate.</param>
/// <param name="CheckpointSteps">Steps between looks at the validation data.</param>
internal sealed record ChatModelRound(int Seed, int Bytes, double Rate, int CheckpointSteps)
{
    public int Epochs { get; init; } = 1;

    /// <summary>Steps after which the round ends, see <see cref="Finetune.FineTuneOptions.MaxSteps"/>.</summary>
    public long? MaxSteps { get; init; }
}
