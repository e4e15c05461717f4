using System.Text;

namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>A text without what does not change what it says: case, punctuation, spaces more than one.</summary>
internal static class PlainWords
{
    public static string Of(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c) || char.IsSurrogate(c) || c == '\'')
                plain.Append(char.ToLowerInvariant(c));
            else if (plain.Length > 0 && plain[^1] != ' ')
                plain.Append(' ');
        }

        return plain.ToString().TrimEnd();
    }
}
