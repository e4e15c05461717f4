using System.Globalization;

namespace VoiceConsole.Engine.Language;

/// <summary>Blanks what must not be read aloud, character for character, so that positions stay what they are.</summary>
internal static class SpokenText
{
    public static string Blank(string text)
    {
        var spoken = text.ToCharArray();
        BlankLineStart(spoken);
        for (var i = 0; i < spoken.Length; i++)
        {
            if (IsMarkup(text, i))
            {
                spoken[i] = ' ';
            }
            else if (char.IsSurrogate(text[i]))
            {
                var isPair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
                if (!isPair || IsEmoji(char.ConvertToUtf32(text[i], text[i + 1])))
                    spoken.AsSpan(i, isPair ? 2 : 1).Fill(' ');
                if (isPair)
                    i++;
            }
            else if (IsEmoji(text[i]))
            {
                spoken[i] = ' ';
            }
        }

        return new string(spoken);
    }

    /// <summary>There is something in it that a voice can say.</summary>
    public static bool HasWords(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (CharUnicodeInfo.GetUnicodeCategory(text, i) is <= UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber)
            {
                return true;
            }
        }

        return false;
    }

    // Headings, quotations and bullets; a sentence begins where a line does.
    private static void BlankLineStart(char[] spoken)
    {
        var i = 0;
        while (i < spoken.Length && spoken[i] is '#' or '>' or '*' or ' ' or '\t')
            spoken[i++] = ' ';
        if (i + 1 < spoken.Length && spoken[i] is '-' or '+' && spoken[i + 1] == ' ')
            spoken[i] = ' ';
    }

    private static bool IsMarkup(string text, int i) => text[i] switch
    {
        '`' or '_' => true,
        // "2 * 3" is arithmetic.
        '*' => !(i > 0 && text[i - 1] == ' ' && i + 1 < text.Length && text[i + 1] == ' '),
        _ => false,
    };

    private static bool IsEmoji(int c) => c is (>= 0x1F000 and < 0x20000) or (>= 0x2600 and <= 0x27BF) or (>= 0x2B00 and <= 0x2BFF) or 0xFE0F or 0x200D or 0x20E3 or 0xFFFD;
}
