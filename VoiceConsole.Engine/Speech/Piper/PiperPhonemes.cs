using System.Text;
using System.Text.RegularExpressions;
using VoiceConsole.Engine.Speech.Espeak;
using VoiceConsole.Engine.Training.Datasets.Cleaning;

namespace VoiceConsole.Engine.Speech.Piper;

/// <summary>Turns a text into what a Piper voice was trained on: phonemes as code points of NFD, with the punctuation between clauses.</summary>
internal static partial class PiperPhonemes
{
    /// <summary>The phonemes of a text, one code point each.</summary>
    /// <param name="text">One sentence or clause.</param>
    /// <param name="espeakVoice">Who reads it; empty where the letters themselves are the phonemes.</param>
    public static IReadOnlyList<string> Of(string text, string espeakVoice)
    {
        if (espeakVoice.Length == 0)
            return CodePoints(text.ToLowerInvariant());
        var all = new StringBuilder();
        lock (EspeakLibrary.Lock)
        {
            foreach (var (run, isLatin) in EspeakLibrary.IsMandarin(espeakVoice) ? MixedText.Runs(text) : [(text, false)])
            {
                EspeakLibrary.Choose(isLatin ? EspeakLibrary.Latin : espeakVoice);
                var clauses = EspeakLibrary.Phonemes(run);
                for (var i = 0; i < clauses.Count; i++)
                {
                    if (clauses[i].Phonemes.Length > 0 && all.Length > 0 && all[^1] != ' ')
                        all.Append(' ');
                    // Around words of another language espeak-ng notes which, as in "(en)…(de)".
                    all.Append(LanguageSwitch().Replace(clauses[i].Phonemes, "")).Append(Punctuation(clauses[i].Text, i == clauses.Count - 1));
                }
            }
        }

        return CodePoints(all.ToString());
    }

    /// <summary>Their ids, with the padding between them and the symbols around them that Piper trains with. What the voice has no id for is left out.</summary>
    public static long[] Ids(IEnumerable<string> phonemes, IReadOnlyDictionary<string, int[]> map)
    {
        var ids = new List<long>();
        Add(PiperConfig.Begin);
        Add(PiperConfig.Pad);
        foreach (var phoneme in phonemes)
        {
            if (!map.ContainsKey(phoneme))
                continue;
            Add(phoneme);
            Add(PiperConfig.Pad);
        }

        Add(PiperConfig.End);
        return [.. ids];

        void Add(string symbol)
        {
            foreach (var id in map[symbol])
                ids.Add(id);
        }
    }

    private static List<string> CodePoints(string text) => [.. CanonicalForm.Decomposed(text).Select(char.ConvertFromUtf32)];

    // How a clause ended, as espeak-ng takes it. What is no end of a text has been looked at up to the first character of the next clause.
    private static string Punctuation(string clause, bool isLast)
    {
        var seen = clause.AsSpan().TrimEnd();
        if (!isLast)
            seen = seen[..Math.Max(0, seen.Length - 1)].TrimEnd();
        seen = seen.TrimEnd(" \"”’'」』）】》)]*");
        return seen.IsEmpty ? "" : seen[^1] switch
        {
            // In mid-sentence it belongs to an abbreviation.
            '.' or '…' => isLast ? "." : "",
            '。' or '｡' => ".",
            '?' or '？' => "?",
            '!' or '！' => "!",
            ',' or '，' or '、' or '—' or '–' => ",",
            ':' or '：' => ":",
            ';' or '；' => ";",
            _ => "",
        };
    }

    [GeneratedRegex(@"\([^)]+\)")]
    private static partial Regex LanguageSwitch();
}
