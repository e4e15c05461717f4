using System.Globalization;
using System.Text;

namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>The same text in one spelling: NFC, no characters without a look, single spaces, line ends as \n.</summary>
internal static class TextNormalizer
{
    public static string Of(string text)
    {
        var clean = new StringBuilder(text.Length);
        var (isSpace, lines) = (false, 0);
        foreach (var rune in CanonicalForm.Of(text.ReplaceLineEndings("\n")).EnumerateRunes())
        {
            if (rune.Value == '\n')
                lines++;
            else if (Rune.IsWhiteSpace(rune))
                isSpace = true;
            else if (!IsInvisible(rune))
                Append(rune);
        }

        return clean.ToString();

        // What stands at the end of a line or of the text is no space to keep; a blank line is one at most.
        void Append(Rune rune)
        {
            if (clean.Length > 0 && lines > 0)
                clean.Append('\n', Math.Min(lines, 2));
            else if (clean.Length > 0 && isSpace)
                clean.Append(' ');
            clean.Append(rune.ToString());
            (isSpace, lines) = (false, 0);
        }
    }

    // Joiners (U+200C, U+200D) belong to ordinary words and emoji. U+FFFD is what is left of a lost character.
    private static bool IsInvisible(Rune rune) => rune.Value is not (0x200C or 0x200D)
        && (rune.Value == 0xFFFD || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
