namespace VoiceConsole.Engine.Language;

/// <summary>Where sentences end, in English and Chinese.</summary>
internal static class SentenceEnd
{
    // A name or a number follows these: a stop after them never ends a sentence.
    private static readonly HashSet<string> s_titles = new(StringComparer.OrdinalIgnoreCase)
    {
        "dr", "mr", "mrs", "ms", "prof", "st", "mt", "gen", "col", "sgt", "capt", "lt", "rev", "hon", "sen", "rep", "gov", "pres",
        "vs", "cf", "approx", "ca", "fig", "e.g", "i.e", "eg", "ie", "viz", "messrs", "mmes",
    };

    // These may also close a sentence: what follows decides.
    private static readonly HashSet<string> s_words = new(StringComparer.OrdinalIgnoreCase)
    {
        "etc", "inc", "ltd", "co", "corp", "jr", "sr", "no", "a.m", "p.m", "al", "dept", "est", "vol", "pp", "ave", "blvd",
        "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    };

    public static bool IsStop(char c) => c is '.' or '!' or '?' or '…' || IsWideStop(c);

    public static bool IsWideStop(char c) => c is '。' or '！' or '？' or '；' or '｡';

    /// <summary>Closes what a sentence opened, and so belongs to it even after its stop.</summary>
    public static bool IsCloser(char c) => c is ')' or ']' or '}' or '”' or '’' or '\'' or '»' or '」' or '』' or '）' or '】' or '》' or '*' or '_' or '`';

    /// <summary>A clause may end here; an ASCII mark only where a space follows it, as in "1,000" none does.</summary>
    public static bool IsClause(char mark, char next) => mark switch
    {
        '，' or '、' or '：' or '；' or '。' => true,
        ',' or ';' or ':' or '—' or '–' or ')' => char.IsWhiteSpace(next),
        _ => false,
    };

    /// <summary>
    /// Whether the text ends where its stop stands, given that white space follows: true, false, or null when the next word
    /// has to be seen first.
    /// </summary>
    public static bool? AfterStop(string text)
    {
        var end = text.Length;
        while (end > 0 && (IsCloser(text[end - 1]) || text[end - 1] == '"'))
            end--;
        var isClosed = end < text.Length;
        var mark = end;
        while (mark > 0 && IsStop(text[mark - 1]))
            mark--;
        var stops = text.AsSpan(mark, end - mark);
        if (stops.IsEmpty || stops.ContainsAny("。！？；｡"))
            return true;
        if (stops.Contains('…') || stops.IndexOf("..", StringComparison.Ordinal) >= 0)
            return null;
        if (stops is not ".")
            return isClosed ? null : true;
        return AfterFullStop(text, mark) ?? (isClosed ? null : Ambiguous(text, mark) ? null : true);
    }

    /// <summary>The same, once the next character other than white space is known.</summary>
    public static bool BeforeNext(string text, char next)
    {
        if (Word(text, text.AsSpan().TrimEnd('.').Length) is "no" or "No")
            return !char.IsAsciiDigit(next);
        return !char.IsLower(next) && !(Ambiguous(text, text.Length - 1) && char.IsAsciiDigit(next));
    }

    private static bool? AfterFullStop(string text, int stop)
    {
        var word = Word(text, stop);
        if (word.Length == 0)
            return null;
        if (s_titles.Contains(word))
            return false;
        // Initials and acronyms: "J. Smith", "the U.S. dollar". "I." is a pronoun.
        if (word.Length == 1 ? char.IsUpper(word[0]) && word != "I" : word.Contains('.') && word.All(c => c == '.' || char.IsUpper(c)))
            return false;
        // The number of a list's item, not a sentence.
        return word.All(char.IsAsciiDigit) && text.AsSpan(0, stop - word.Length).IsWhiteSpace() ? false : null;
    }

    private static bool Ambiguous(string text, int stop) => stop > 0 && s_words.Contains(Word(text, stop));

    private static string Word(string text, int end)
    {
        var start = end;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '.'))
            start--;
        return text[start..end];
    }
}
