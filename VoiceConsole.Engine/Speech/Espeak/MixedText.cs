using System.Text.RegularExpressions;
using VoiceConsole.Engine.Speech.Reading;

namespace VoiceConsole.Engine.Speech.Espeak;

/// <summary>Chinese text with English words in it: espeak-ng's voice for Mandarin takes every Latin letter for pinyin, so the words need a voice of their own.</summary>
internal static partial class MixedText
{
    /// <summary>The text in stretches that one voice can say.</summary>
    public static IEnumerable<(string Text, bool IsLatin)> Runs(string text)
    {
        var at = 0;
        foreach (Match words in LatinWords().Matches(text))
        {
            if (words.Index > at)
                yield return (text[at..words.Index], false);
            yield return (words.Value, true);
            at = words.Index + words.Length;
        }

        if (at < text.Length)
            yield return (text[at..], false);
    }

    /// <summary>The text as SSML that changes the voice for the words.</summary>
    public static SpokenForm ToSsml(string text)
    {
        var form = new SpokenForm();
        var at = 0;
        foreach (var (run, isLatin) in Runs(text))
        {
            if (isLatin)
                form.Add($"<voice name=\"{EspeakLibrary.Latin}\">", at, at + 1);
            foreach (var c in run)
                form.Add(c switch { '<' => "&lt;", '&' => "&amp;", _ => c.ToString() }, at, ++at);
            if (isLatin)
                form.Add("</voice>", at - 1, at);
        }

        return form;
    }

    [GeneratedRegex("[A-Za-z][A-Za-z0-9'&+#]*(?:[ -][A-Za-z][A-Za-z0-9'&+#]*)*")]
    private static partial Regex LatinWords();
}
