using VoiceConsole.Engine.Language;

namespace VoiceConsole.Engine.Speech;

/// <summary>Keeps what two readings of a growing utterance agree on: words that were shown stay as they are until the final ones.</summary>
internal sealed class StablePrefix
{
    private List<string> _last = [];
    private List<string> _agreed = [];

    /// <summary>Takes the newest reading.</summary>
    /// <returns>The agreed beginning; it only ever grows.</returns>
    public string Add(string reading)
    {
        var words = Words(reading);
        var common = 0;
        while (common < words.Count && common < _last.Count && Same(words[common], _last[common]))
            common++;
        if (common > _agreed.Count && _agreed.Zip(words).All(w => Same(w.First, w.Second)))
            _agreed = [.. _agreed, .. words.Skip(_agreed.Count).Take(common - _agreed.Count)];
        _last = words;
        return string.Concat(_agreed).Trim();
    }

    // Whether a comma was heard is still open while the sentence goes on.
    private static bool Same(string a, string b) => Bare(a).Equals(Bare(b), StringComparison.OrdinalIgnoreCase);

    private static string Bare(string word) => word.Trim().TrimEnd('.', ',', '!', '?', ';', ':', '。', '，', '！', '？', '；', '：', '、', '…');

    // Each with the space before it; a Chinese character is a word, with the marks that follow it.
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 1; i <= text.Length; i++)
        {
            if (i < text.Length && !char.IsWhiteSpace(text[i]) && !SpokenLanguage.IsHan(text[i]) && !(SpokenLanguage.IsHan(text[i - 1]) && char.IsLetterOrDigit(text[i])))
                continue;
            if (text.AsSpan(start, i - start).Trim().Length > 0)
            {
                words.Add(text[start..i]);
                start = i;
            }
        }

        return words;
    }
}
