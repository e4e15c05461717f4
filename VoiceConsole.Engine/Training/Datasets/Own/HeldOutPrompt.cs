using VoiceConsole.Engine.Language;

namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>A prompt that no training set holds, and the rubric that tells whether a reply to it is acceptable.</summary>
/// <param name="Required">The right intent: the reply has at least one word of each group, in whatever case.</param>
public sealed record HeldOutPrompt(string Language, string Intent, string Text, IReadOnlyList<IReadOnlyList<string>> Required)
{
    public const int MaxSentences = 2;

    /// <summary>Longest acceptable reply in characters, by language.</summary>
    public static int MaxCharacters(string language) => language == OwnMaterial.Chinese ? 60 : 160;

    /// <summary>What is wrong with a reply, one sentence each; empty when it is acceptable.</summary>
    public IReadOnlyList<string> Problems(string reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (string.IsNullOrWhiteSpace(reply))
            return ["It says nothing."];
        var problems = Required.Where(group => !group.Any(word => reply.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Select(group => $"It has none of: {string.Join(", ", group)}.").ToList();
        if (SpokenLanguage.Of(reply, "en") != Language)
            problems.Add($"It is not in the language {Language}.");
        var splitter = new SentenceSplitter(Language);
        var stops = splitter.Append(reply).Concat(splitter.Complete()).Count(s => s.Text.TrimEnd('"', '”', '’')[^1] is '.' or '!' or '?' or '。' or '！' or '？');
        if (stops > MaxSentences)
            problems.Add($"It has {stops} sentences; {MaxSentences} are enough.");
        if (reply.Length > MaxCharacters(Language))
            problems.Add($"It has {reply.Length} characters; {MaxCharacters(Language)} are enough.");
        return problems;
    }
}
