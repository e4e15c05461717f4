namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>How a model learns.</summary>
public sealed record FineTuneOptions
{
    /// <summary>Tokens the model sees at once, 8 or more; longer conversations are cut.</summary>
    public int WindowTokens { get; init; } = 256;

    /// <summary>Windows after which the weights are changed, by the mean of them; 1 or more.</summary>
    public int StepWindows { get; init; } = 8;

    /// <summary>Times that the data are gone through, at most; 1 or more.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Steps after which learning ends even if there are epochs left, 1 or more; null for no such end.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>Highest learning rate, above 0.</summary>
    public double Rate { get; init; } = 1e-3;

    /// <summary>How strongly weights are drawn towards 0, 0 or more.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Share of all steps in which the rate rises, 0 to 1.</summary>
    public double WarmUp { get; init; } = 0.03;

    /// <summary>Steps between two looks at the validation data, each of which is a checkpoint; 1 or more.</summary>
    public int CheckpointSteps { get; init; } = 100;

    /// <summary>Looks at the validation data without progress after which learning ends; 1 or more.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>Decides the order of the data.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Processor threads, 1 or more.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>One sentence for each value out of range.</summary>
    public IReadOnlyList<string> Problems()
    {
        List<string> problems = [];
        Check(WindowTokens >= 8, "A window has 8 tokens or more.");
        Check(StepWindows >= 1, "A step has one window or more.");
        Check(Epochs >= 1, "There is one epoch or more.");
        Check(MaxSteps is null or >= 1, "There is one step or more.");
        Check(Rate is > 0 and < 1, "The learning rate is above 0 and below 1.");
        Check(WeightDecay is >= 0 and < 1, "The weight decay is 0 or more and below 1.");
        Check(WarmUp is >= 0 and <= 1, "The warm-up is a share, 0 to 1.");
        Check(CheckpointSteps >= 1, "There is one step or more between checkpoints.");
        Check(Patience >= 1, "The patience is 1 or more.");
        Check(Threads >= 1, "There is one thread or more.");
        return problems;

        void Check(bool holds, string problem)
        {
            if (!holds)
                problems.Add(problem);
        }
    }
}
