namespace VoiceConsole.Web.Data;

/// <summary>A part of a text, and whether it is one of the words that were looked for.</summary>
internal readonly record struct TextPart(string Text, bool IsMatch)
{
    private const int Before = 40;

    /// <summary>The surroundings of the first match, in parts; the beginning of the text when none of the words stands in it.</summary>
    /// <param name="text">The whole.</param>
    /// <param name="words">As typed; compared without regard to case.</param>
    /// <param name="most">Characters of the text to show.</param>
    public static IReadOnlyList<TextPart> Around(string text, IReadOnlyList<string> words, int most)
    {
        var first = words.Select(w => text.IndexOf(w, StringComparison.OrdinalIgnoreCase)).Where(i => i >= 0).DefaultIfEmpty(0).Min();
        var start = Whole(text, Math.Max(0, first - Before));
        var end = Whole(text, Math.Min(text.Length, start + most));
        var parts = new List<TextPart>();
        if (start > 0)
            parts.Add(new TextPart("…", false));
        for (var at = start; at < end;)
        {
            var (next, length) = words.Select(w => (At: text.IndexOf(w, at, end - at, StringComparison.OrdinalIgnoreCase), w.Length))
                .Where(m => m.At >= 0).OrderBy(m => m.At).ThenByDescending(m => m.Length).FirstOrDefault((At: end, Length: 0));
            if (next > at)
                parts.Add(new TextPart(text[at..next], false));
            if (length > 0)
                parts.Add(new TextPart(text.Substring(next, length), true));
            at = next + length;
        }

        if (end < text.Length)
            parts.Add(new TextPart("…", false));
        return parts;
    }

    // Not in the middle of a character.
    private static int Whole(string text, int at) => at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) ? at - 1 : at;
}
