using System.Globalization;
using System.Text;

namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>Unicode's forms NFC and NFD. The program runs without the system's culture data (InvariantGlobalization), where string.Normalize changes nothing.</summary>
internal static class CanonicalForm
{
    private const int FirstSyllable = 0xAC00, FirstLead = 0x1100, FirstVowel = 0x1161, FirstTail = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28;

    private static readonly Dictionary<int, int[]> s_parts = [];
    private static readonly Dictionary<(int, int), int> s_whole = [];
    private static readonly Dictionary<int, int> s_class = [];

    static CanonicalForm()
    {
        foreach (var line in CleaningLists.Text("unicode.txt", null).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (line.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash)
            {
                for (var c = Hex(line[..dash]); c <= Hex(line[(dash + 1)..space]); c++)
                    s_class[c] = int.Parse(line[space..]);
                continue;
            }

            var parts = line[(space + 1)..].TrimEnd('!').Split(' ').Select(Hex).ToArray();
            s_parts[Hex(line[..space])] = parts;
            if (!line.EndsWith('!'))
                s_whole[(parts[0], parts[1])] = Hex(line[..space]);
        }
    }

    public static string Of(string text)
    {
        // Below U+0300 nothing combines and everything is composed.
        if (text.All(c => c < '\u0300'))
            return text;
        var runes = Decomposed(text);
        Compose(runes);
        var composed = new StringBuilder(runes.Count);
        foreach (var rune in runes)
            composed.Append(char.ConvertFromUtf32(rune));
        return composed.ToString();
    }

    /// <summary>NFD: the code points, letters and their marks apart.</summary>
    public static List<int> Decomposed(string text)
    {
        var runes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, runes);
        Order(runes);
        return runes;
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber);

    private static int Class(int rune) => s_class.GetValueOrDefault(rune);

    private static void Decompose(int rune, List<int> runes)
    {
        var syllable = rune - FirstSyllable;
        if (s_parts.TryGetValue(rune, out var parts))
        {
            foreach (var part in parts)
                Decompose(part, runes);
        }
        else if (syllable is >= 0 and < Leads * Vowels * Tails)
        {
            runes.Add(FirstLead + (syllable / (Vowels * Tails)));
            runes.Add(FirstVowel + (syllable / Tails % Vowels));
            if (syllable % Tails > 0)
                runes.Add(FirstTail + (syllable % Tails));
        }
        else
        {
            runes.Add(rune);
        }
    }

    // Marks on one letter, in the order of their classes; a stable sort of each run.
    private static void Order(List<int> runes)
    {
        for (var i = 0; i < runes.Count;)
        {
            var end = i;
            while (end < runes.Count && Class(runes[end]) != 0)
                end++;
            if (end - i > 1)
            {
                var sorted = runes.GetRange(i, end - i).OrderBy(Class).ToArray();
                for (var k = 0; k < sorted.Length; k++)
                    runes[i + k] = sorted[k];
            }

            i = end + 1;
        }
    }

    private static void Compose(List<int> runes)
    {
        var (starter, written, last) = (-1, 0, 0);
        for (var i = 0; i < runes.Count; i++)
        {
            var rune = runes[i];
            var kind = Class(rune);
            // Nothing of the same or a higher class may stand between the letter and its mark.
            var isFree = written == starter + 1 || (last != 0 && last < kind);
            if (starter >= 0 && isFree && Pair(runes[starter], rune) is { } whole)
            {
                runes[starter] = whole;
                continue;
            }

            if (kind == 0)
                starter = written;
            last = kind;
            runes[written++] = rune;
        }

        runes.RemoveRange(written, runes.Count - written);
    }

    private static int? Pair(int first, int second)
    {
        if (first is >= FirstLead and < FirstLead + Leads && second is >= FirstVowel and < FirstVowel + Vowels)
            return FirstSyllable + ((((first - FirstLead) * Vowels) + second - FirstVowel) * Tails);
        var syllable = first - FirstSyllable;
        if (syllable is >= 0 and < Leads * Vowels * Tails && syllable % Tails == 0 && second is > FirstTail and < FirstTail + Tails)
            return first + second - FirstTail;
        return s_whole.TryGetValue((first, second), out var whole) ? whole : null;
    }
}
