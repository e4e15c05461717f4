namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>An intent in one language.</summary>
/// <param name="Required">A good reply has at least one word of each group.</param>
/// <param name="Replies">Variants that all keep to <paramref name="Required"/>.</param>
/// <param name="Phrasings">What users say, as a recogniser writes it: lower case, no punctuation; {slot} stands for any word of that list.</param>
/// <param name="HeldOut">Phrasings that training never sees.</param>
internal sealed record OwnSide(
    IReadOnlyList<IReadOnlyList<string>> Required, IReadOnlyList<string> Replies, IReadOnlyList<string> Phrasings, IReadOnlyList<string> HeldOut)
{
    /// <summary>Answers to "tell me more"; none where there is no more to say.</summary>
    public IReadOnlyList<string> More { get; init; } = [];
}
