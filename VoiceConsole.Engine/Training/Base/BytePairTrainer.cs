using System.Globalization;
using System.Text;

namespace VoiceConsole.Engine.Training.Base;

/// <summary>
/// Learns a vocabulary by joining the pair of neighbours that occurs most, again and again (byte-pair encoding). A joined token
/// stays within one word; equal counts are decided by the texts, so it repeats.
/// </summary>
internal static class BytePairTrainer
{
    private const int LongestRun = 8;

    // Chinese has no spaces: without a limit whole questions become tokens, of which nothing is learnt for questions put otherwise.
    private const int LongestChinese = 2;

    private const char Space = '▁';

    /// <param name="texts">What the model shall read and write.</param>
    /// <param name="size">Tokens in all; fewer if there is nothing left to join.</param>
    /// <param name="minCount">Characters that occur less often become bytes.</param>
    /// <param name="tags">Control tokens to plan replies with, see <see cref="Vocabulary.Plan"/>.</param>
    /// <exception cref="ArgumentException">The size has no room for the bytes and characters.</exception>
    public static Vocabulary Train(IEnumerable<string> texts, int size, int minCount = 2, IReadOnlyList<string>? tags = null)
    {
        var words = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (var word in Words(text))
                words[word] = words.GetValueOrDefault(word) + 1;
        }

        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (word, count) in words)
        {
            foreach (var character in Characters(word))
                counts[character] = counts.GetValueOrDefault(character) + count;
        }

        string[] characters = [.. counts.Where(c => c.Value >= minCount || c.Key == "▁").Select(c => c.Key).Order(StringComparer.Ordinal)];
        var room = size - Vocabulary.Of(characters, [], tags).Tokens.Count;
        if (room < 0)
            throw new ArgumentException($"A vocabulary of {size} has no room for {characters.Length} characters and all bytes: {size - room} tokens at least.", nameof(size));
        var known = characters.ToHashSet(StringComparer.Ordinal);
        return Vocabulary.Of(characters, Join([.. words.Select(w => new Word(Characters(w.Key), w.Value))], known, room), tags);
    }

    // Spaces begin words, as the tokenizer has them; what is no letter stands alone.
    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        var kind = -1;
        foreach (var rune in (" " + text).EnumerateRunes())
        {
            var next = rune.Value == ' ' ? 0 : IsChinese(rune) ? 2 : Rune.IsLetter(rune) || rune.Value == '\'' ? 1 : 3;
            var joins = kind == next && next is 1 or 2 && word.Length < LongestRun * 4;
            // A space goes on into the word after it.
            if (word.Length > 0 && !joins && !(kind == 0 && next == 1))
            {
                yield return word.ToString();
                word.Clear();
            }

            if (next == 0)
                word.Append(Space);
            else
                word.Append(rune);
            kind = next;
        }

        if (word.Length > 0)
            yield return word.ToString();
    }

    private static bool IsChinese(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherLetter;

    private static bool IsTooLong(string left, string right) => IsChinese(Rune.GetRuneAt(right, 0)) && left.EnumerateRunes().Count() + right.EnumerateRunes().Count() > LongestChinese;

    private static List<string> Characters(string word) => [.. word.EnumerateRunes().Select(r => r.ToString())];

    private static List<string> Join(List<Word> words, HashSet<string> known, int room)
    {
        var pairs = new Dictionary<(string, string), int>();
        var places = new Dictionary<(string, string), HashSet<Word>>();
        foreach (var word in words)
            Count(word, 1);
        var joined = new List<string>();
        while (joined.Count < room)
        {
            var best = pairs.Where(p => p.Value > 1)
                .OrderByDescending(p => p.Value).ThenBy(p => p.Key.Item1, StringComparer.Ordinal).ThenBy(p => p.Key.Item2, StringComparer.Ordinal)
                .Select(p => ((string, string)?)p.Key).FirstOrDefault();
            if (best is not var (left, right))
                break;
            // Two ways to the same text are one token.
            if (known.Add(left + right))
                joined.Add(left + right);
            foreach (var word in places[(left, right)].ToArray())
            {
                Count(word, -1);
                word.Join(left, right);
                Count(word, 1);
            }
        }

        return joined;

        void Count(Word word, int sign)
        {
            for (var i = 0; i + 1 < word.Parts.Count; i++)
            {
                var pair = (word.Parts[i], word.Parts[i + 1]);
                if (!known.Contains(pair.Item1) || !known.Contains(pair.Item2) || IsTooLong(pair.Item1, pair.Item2))
                    continue;
                pairs[pair] = pairs.GetValueOrDefault(pair) + (sign * word.Times);
                if (sign > 0)
                    (places.TryGetValue(pair, out var where) ? where : places[pair] = []).Add(word);
                else
                    places[pair].Remove(word);
                if (pairs[pair] == 0)
                    pairs.Remove(pair);
            }
        }
    }

    private sealed class Word(List<string> parts, int times)
    {
        public List<string> Parts { get; } = parts;

        public int Times => times;

        public void Join(string left, string right)
        {
            for (var i = 0; i + 1 < Parts.Count; i++)
            {
                if (Parts[i] != left || Parts[i + 1] != right)
                    continue;
                Parts[i] = left + right;
                Parts.RemoveAt(i + 1);
            }
        }
    }
}
