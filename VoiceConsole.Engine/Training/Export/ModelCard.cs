namespace VoiceConsole.Engine.Training.Export;

/// <summary>What a model says of itself, in the head of its file: its name and description come from the card's heading and first paragraph.</summary>
/// <param name="Text">The whole card, in Markdown.</param>
/// <param name="Licence">SPDX identifiers.</param>
/// <param name="Languages">As "en".</param>
/// <param name="Datasets">Names of what it learnt from.</param>
public sealed record ModelCard(string Name, string Description, string Text, string Licence, IReadOnlyList<string> Languages, IReadOnlyList<string> Datasets)
{
    /// <summary>The key of the whole text; all others are those that GGUF itself names.</summary>
    public const string TextKey = "voiceconsole.card";

    private const int LongestText = 60_000;

    /// <param name="text">Markdown that begins with a heading.</param>
    /// <exception cref="InvalidDataException">It does not, or is far too long.</exception>
    public static ModelCard Of(string text, string licence, IEnumerable<string> languages, IEnumerable<string> datasets)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.ReplaceLineEndings("\n").Split('\n').SkipWhile(string.IsNullOrWhiteSpace).ToList();
        if (text.Length > LongestText || lines.Count == 0 || !lines[0].StartsWith("# ", StringComparison.Ordinal))
            throw new InvalidDataException($"A model card is Markdown of at most {LongestText} characters that begins with '# ' and the model's name.");
        var description = string.Join(' ', lines.Skip(1).SkipWhile(string.IsNullOrWhiteSpace).TakeWhile(l => !string.IsNullOrWhiteSpace(l) && l[0] != '#'));
        return new ModelCard(lines[0][2..].Trim(), description, text, licence, [.. languages], [.. datasets]);
    }
}
