using System.Text;

namespace VoiceConsole.Engine.Language;

/// <summary>
/// Cuts a reply into sentences while the model still writes it. The sentences do not depend on how the text came in pieces:
/// a stop counts once the character after it is known. Not thread-safe.
/// </summary>
/// <param name="language">BCP 47 tag of the conversation; Chinese stops are known in every language.</param>
public sealed class SentenceSplitter(string language)
{
    /// <summary>A sentence longer than this is cut where it may be, so that speech begins.</summary>
    public const int MaxSentence = 220;

    private const string Stops = ".!?", ChineseStops = "。！？；", Closing = "\"'”’)]」』》*_";
    private static readonly HashSet<string> s_abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "e.g", "i.e", "approx", "no", "fig", "jr", "sr", "p.m", "a.m", "u.s", "u.k",
    };

    private readonly bool _chinese = language.StartsWith("zh", StringComparison.OrdinalIgnoreCase);
    private readonly StringBuilder _text = new();
    private int _offset;
    private int _scanned;
    private int _index;

    /// <summary>Takes the next piece of text; gives the sentences it completes.</summary>
    public IEnumerable<Sentence> Append(string piece)
    {
        _text.Append(piece);
        return Take(last: false);
    }

    /// <summary>No more text will come; gives what is left.</summary>
    public IEnumerable<Sentence> Complete() => Take(last: true);

    private List<Sentence> Take(bool last)
    {
        var sentences = new List<Sentence>();
        for (; _scanned < _text.Length; _scanned++)
        {
            var end = EndAt(_scanned, last);
            if (end == Unknown)
                break;
            if (end > 0)
                Cut(end, sentences);
        }

        if (last && _text.Length > 0)
            Cut(_text.Length, sentences);
        return sentences;
    }

    private const int Unknown = -1;

    // Where a sentence ends if character i ends one; 0 if it does not; Unknown while the text after it decides.
    private int EndAt(int i, bool last)
    {
        var c = _text[i];
        if (c == '\n')
            return i + 1;
        if (i + 1 >= MaxSentence && (char.IsWhiteSpace(c) || c is '，' or '、'))
            return i + 1;
        if (i + 1 >= 2 * MaxSentence && !char.IsHighSurrogate(c))
            return i + 1;
        var chinese = ChineseStops.Contains(c);
        if (!chinese && !Stops.Contains(c))
            return 0;
        var end = i + 1;
        while (end < _text.Length && (Closing.Contains(_text[end]) || Stops.Contains(_text[end]) || ChineseStops.Contains(_text[end])))
            end++;
        if (end == _text.Length)
            return last ? end : Unknown;
        if (chinese)
            return end;
        // "3.5", "example.com": no white space, no end. In Chinese text a Latin stop may stand without one.
        if (!char.IsWhiteSpace(_text[end]))
            return _chinese && SpokenLanguage.IsHan(_text[end]) ? end : 0;
        return c == '.' && IsAbbreviation(i) ? 0 : end;
    }

    private bool IsAbbreviation(int stop)
    {
        var start = stop;
        while (start > 0 && (char.IsLetter(_text[start - 1]) || _text[start - 1] == '.'))
            start--;
        var word = _text.ToString(start, stop - start);
        // A single letter is an initial ("J. Smith"), except the word "I".
        return s_abbreviations.Contains(word) || (word.Length == 1 && char.IsUpper(word[0]) && word != "I");
    }

    private void Cut(int end, List<Sentence> sentences)
    {
        var from = 0;
        while (from < end && char.IsWhiteSpace(_text[from]))
            from++;
        var to = end;
        while (to > from && char.IsWhiteSpace(_text[to - 1]))
            to--;
        if (to > from)
            sentences.Add(new Sentence(_index++, _offset + from, _text.ToString(from, to - from)));
        _text.Remove(0, end);
        _offset += end;
        // The loop's increment leads to the first character that is left.
        _scanned = -1;
    }
}
