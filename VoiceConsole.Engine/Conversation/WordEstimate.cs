using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>Guesses where the words of a sentence lie in its sound, by their lengths, for voices that do not tell.</summary>
internal static class WordEstimate
{
    /// <param name="text">The sentence. Chinese characters count as words of their own.</param>
    /// <param name="samples">Length of its sound.</param>
    public static IReadOnlyList<WordTiming> For(string text, int samples)
    {
        var words = new List<(int Start, int Length)>();
        for (var i = 0; i < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }

            var start = i++;
            if (!SpokenLanguage.IsHan(text[start]))
            {
                while (i < text.Length && !char.IsWhiteSpace(text[i]) && !SpokenLanguage.IsHan(text[i]))
                    i++;
            }

            words.Add((start, i - start));
        }

        // A Han character takes about as long as three letters.
        var weights = words.Select(w => SpokenLanguage.IsHan(text[w.Start]) ? 3 : w.Length + 1).ToArray();
        var total = Math.Max(1, weights.Sum());
        var timings = new WordTiming[words.Count];
        var before = 0;
        for (var i = 0; i < timings.Length; i++)
        {
            var start = (int)((long)samples * before / total);
            before += weights[i];
            timings[i] = new WordTiming(words[i].Start, words[i].Length, start, (int)((long)samples * before / total));
        }

        return timings;
    }
}
