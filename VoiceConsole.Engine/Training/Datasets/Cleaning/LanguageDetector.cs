using VoiceConsole.Engine.Language;

namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>Tells English and Mandarin from everything else, by script and by each language's commonest words.</summary>
internal sealed class LanguageDetector(string? lists = null)
{
    // A Chinese character says about as much as three letters.
    private const double HanWeight = 3;

    // One is a borrowed word such as café.
    private const double MostForeignLetters = 0.04;
    private const int EnoughWords = 6;

    private readonly Dictionary<string, HashSet<string>> _words =
        CleaningLists.Read<Dictionary<string, string[]>>("languages.json", lists).ToDictionary(l => l.Key, l => l.Value.ToHashSet());

    /// <summary>"en", "zh", or null when it is another language or none.</summary>
    public string? Detect(string text)
    {
        var (han, kana, latin, foreign) = (0, 0, 0, 0);
        foreach (var c in text)
        {
            if (SpokenLanguage.IsHan(c))
                han++;
            else if (c is (>= '\u3040' and <= '\u30FF') or (>= '\uAC00' and <= '\uD7AF'))
                kana++;
            else if (char.IsAsciiLetter(c))
                latin++;
            else if (char.IsLetter(c))
                foreign++;
        }

        if (han + kana + latin + foreign == 0 || kana > 0.1 * (han + kana))
            return null;
        if (han * HanWeight >= latin)
            return foreign > han ? null : "zh";
        return foreign > Math.Max(1, MostForeignLetters * (latin + foreign)) ? null : DetectLatin(text);
    }

    private string? DetectLatin(string text)
    {
        var words = PlainWords.Of(text).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var english = words.Count(IsEnglish);
        var other = _words.Where(l => l.Key != "en").Max(l => words.Count(l.Value.Contains));
        // Short answers ("Certainly!") need no proof; a long text without one common English word is not English.
        return other > english || (english == 0 && words.Length >= EnoughWords) ? null : "en";
    }

    // "it's" counts as "it".
    private bool IsEnglish(string word) => _words["en"].Contains(word.Split('\'')[0]);
}
