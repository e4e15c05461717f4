using System.Globalization;
using System.Text;

namespace VoiceConsole.Web.Live;

/// <summary>Text from models and recognisers, made safe to look at: what would be invisible or reorder the line is shown.</summary>
internal static class VisibleText
{
    public static string Of(string text)
    {
        if (!text.Any(IsHidden))
            return text;
        var visible = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            visible.Append(c switch
            {
                _ when !IsHidden(c) => c,
                < ' ' => (char)(0x2400 + c),
                (char)0x7f => '\u2421',
                _ => '\ufffd',
            });
        }

        return visible.ToString();
    }

    // Joiners (U+200C, U+200D) belong to ordinary words and emoji; surrogates to ordinary characters.
    private static bool IsHidden(char c) => c is not ('\n' or '\t' or '\u200c' or '\u200d')
        && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator;
}
