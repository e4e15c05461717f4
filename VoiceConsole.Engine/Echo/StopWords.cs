using VoiceConsole.Engine.Language;

namespace VoiceConsole.Engine.Echo;

/// <summary>What always stops the console, in English and Mandarin: a few words, said by themselves.</summary>
internal static class StopWords
{
    // Longer utterances that hold one of these words talk about something else.
    private const int MostWords = 4, MostCharacters = 6;

    private static readonly HashSet<string> s_words = new(StringComparer.Ordinal) { "stop", "quiet", "silence", "enough", "wait", "hush", "pause" };

    private static readonly string[] s_phrases = ["hold on", "shut up", "be still"];

    private static readonly string[] s_mandarin = ["停", "别说", "安静", "闭嘴", "够了", "等等", "等一下", "住口"];

    /// <summary>The whole utterance is such a word, with little around it.</summary>
    /// <param name="transcript">Any text; case and marks do not matter.</param>
    public static bool Has(string transcript)
    {
        var tokens = PlayedWords.Tokens(transcript).ToList();
        if (tokens.Any(t => SpokenLanguage.IsHan(t[0])))
            return tokens.Count <= MostCharacters && string.Concat(tokens) is var spoken && Array.Exists(s_mandarin, phrase => spoken.Contains(phrase, StringComparison.Ordinal));
        return tokens.Count <= MostWords
            && (tokens.Exists(s_words.Contains) || string.Join(' ', tokens) is var words && Array.Exists(s_phrases, phrase => words.Contains(phrase, StringComparison.Ordinal)));
    }
}
