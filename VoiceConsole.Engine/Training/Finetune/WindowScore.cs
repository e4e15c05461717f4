namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>How well a model foretold the tokens that count.</summary>
/// <param name="Nats">Cross-entropy of all of them.</param>
/// <param name="Correct">Those that it held the likeliest.</param>
/// <param name="Counted">How many they are.</param>
internal readonly record struct WindowScore(double Nats, long Correct, long Counted)
{
    /// <summary>Mean cross-entropy of a token; 0 where none counts.</summary>
    public double Loss => Counted == 0 ? 0 : Nats / Counted;

    /// <summary>Share of tokens that it held the likeliest, 0 to 1.</summary>
    public double Accuracy => Counted == 0 ? 0 : Correct / (double)Counted;

    public static WindowScore operator +(WindowScore a, WindowScore b) => new(a.Nats + b.Nats, a.Correct + b.Correct, a.Counted + b.Counted);
}
