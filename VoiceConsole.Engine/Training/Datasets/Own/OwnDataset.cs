namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>
/// The data set that the console's default chat model learns from, made out of hand-written material by a seed, and the prompts
/// that prove what was learnt. The same seed and size give the same records, byte for byte.
/// </summary>
public static class OwnDataset
{
    public const string Source = "own";
    public const string Licence = "CC0-1.0";

    // Of each language.
    private const int FirstPrompts = 100;

    public static IReadOnlyList<string> Languages { get; } = [OwnMaterial.English, OwnMaterial.Chinese];

    /// <summary>Conversations of one to four turns, English and Mandarin in turns.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="bytes">UTF-8 bytes of text to make, about; half of it in each language. Below some 400,000 not every phrasing occurs.</param>
    public static IEnumerable<DatasetRecord> Generate(int seed, int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        return Interleave(seed, bytes);
    }

    /// <summary>The same conversations as lines to collect.</summary>
    public static IAsyncEnumerable<DatasetLine> Lines(int seed, int bytes) =>
        Generate(seed, bytes).Select((record, i) => new DatasetLine(i + 1, record, null)).ToAsyncEnumerable();

    /// <summary>Prompts with their rubric, English and then Mandarin.</summary>
    public static IReadOnlyList<HeldOutPrompt> HeldOut(HeldOutSet set = HeldOutSet.First) => [.. Languages.SelectMany(language => set switch
    {
        HeldOutSet.First => ByTurns(language).Take(FirstPrompts),
        HeldOutSet.Rest => ByTurns(language).Skip(FirstPrompts),
        _ => OwnMaterial.Instance.Intents.Select(i => PromptOf(i, language, OwnMaterial.Instance.Blind[language][i.Intent])),
    })];

    /// <summary>Prompts that invite unwanted replies, in both languages.</summary>
    public static IReadOnlyList<ProvokingPrompt> Provoking() => OwnMaterial.Instance.Provoking;

    private static IEnumerable<DatasetRecord> Interleave(int seed, int bytes)
    {
        // 397 keeps the two languages of neighbouring seeds apart.
        var writers = Languages.Select((language, i) => new ConversationWriter(language, new Random(unchecked((seed * 397) + i)))).ToArray();
        var written = new long[writers.Length];
        for (var number = 0; written.Sum() < bytes; number++)
        {
            var next = Array.IndexOf(written, written.Min());
            var (messages, intents) = writers[next].Write();
            written[next] += messages.Sum(m => System.Text.Encoding.UTF8.GetByteCount(m.Content));
            yield return new DatasetRecord($"own-{number:000000}", messages, Languages[next], Source, Licence, $"hand-written material, seed {seed}", intents);
        }
    }

    // The first phrasing of every intent, then the second, and so on.
    private static IEnumerable<HeldOutPrompt> ByTurns(string language)
    {
        var intents = OwnMaterial.Instance.Intents;
        var most = intents.Max(i => i.In(language).HeldOut.Count);
        return Enumerable.Range(0, most)
            .SelectMany(n => intents.Where(i => n < i.In(language).HeldOut.Count).Select(i => PromptOf(i, language, i.In(language).HeldOut[n])));
    }

    private static HeldOutPrompt PromptOf(OwnIntent intent, string language, string text) => new(language, intent.Intent, text, intent.In(language).Required);
}
