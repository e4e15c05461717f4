using System.Buffers;

namespace VoiceConsole.Engine.Speech;

/// <summary>Cuts a sentence into the parts that a voice makes one after the other, so that its sound begins before the last is made.</summary>
internal static class ClauseParts
{
    private static readonly SearchValues<char> s_marks = SearchValues.Create(",;:，；：、。");

    /// <summary>Parts that have something to say, in order. Broken after a comma or the like where there is one late enough, else between words, else anywhere.</summary>
    /// <param name="text">One sentence.</param>
    /// <param name="longest">Characters of a part, at most.</param>
    /// <param name="first">The same for the first, for which the listener waits.</param>
    public static List<Range> Of(string text, int longest, int first)
    {
        var parts = new List<Range>();
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = text.Length;
            var limit = start == 0 ? first : longest;
            if (end - start > limit)
            {
                var part = text.AsSpan(start, limit);
                var clause = part.LastIndexOfAny(s_marks) + 1;
                var word = part.LastIndexOf(' ') + 1;
                var cut = clause > limit / 2 ? clause : word > 0 ? word : char.IsHighSurrogate(part[^1]) ? limit - 1 : limit;
                end = start + cut;
            }

            if (text[start..end].Any(char.IsLetterOrDigit))
                parts.Add(start..end);
        }

        return parts;
    }
}
