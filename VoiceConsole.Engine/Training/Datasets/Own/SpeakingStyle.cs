using System.Text;
using System.Text.RegularExpressions;

namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>Says a phrasing the way somebody would: with fillers, short forms, a recogniser's errors, or typed with capitals and stops.</summary>
internal sealed class SpeakingStyle(string language, Random random)
{
    // Of these there are more in the world than any list has.
    private static readonly HashSet<string> s_openSlots =
        ["animal", "body", "book", "city", "code", "country", "deed", "film", "food", "language", "pain", "person", "science", "sport", "thing", "topic", "war", "word"];

    private readonly OwnMaterial _material = OwnMaterial.Instance;
    private readonly OwnStyle _style = OwnMaterial.Instance.Styles[language];
    private readonly bool _isChinese = language == OwnMaterial.Chinese;

    /// <summary>The phrasing with words in its slots, some of them invented: names that were never heard must not change the answer.</summary>
    public string Fill(string phrasing) => Regex.Replace(phrasing, @"\{(\w+)\}", slot =>
    {
        var words = _material.Slots[language][slot.Groups[1].Value];
        return s_openSlots.Contains(slot.Groups[1].Value) && Chance(0.3) ? Invent(words) : Any(words);
    });

    /// <param name="text">A phrasing without slots.</param>
    /// <param name="mayAsk">It may be asked in a roundabout way.</param>
    public string Say(string text, bool mayAsk)
    {
        var isOpenQuestion = _isChinese ? IsChineseQuestion(text) : _style.QuestionStarts.Contains(text.Split(' ')[0]);
        var isQuestion = isOpenQuestion || _style.YesNoStarts.Contains(text.Split(' ')[0]);
        if (Chance(0.35))
            text = Shorten(text);
        text = Reword(text);
        if (Chance(0.08))
            text = Mishear(text);
        text = Lose(text);
        text = Replace(text);
        if (mayAsk && Chance(0.12))
            text = Join([text, Any(_style.Endings)]);
        if (mayAsk && isOpenQuestion && Chance(0.15))
            text = Join([Any(_style.Askers), text]);
        if (Chance(0.18))
            text = Join([Any(_style.Fillers), text]);
        return Chance(_isChinese ? 0.5 : 0.25) ? Type(text, isQuestion) : text;
    }

    private static bool IsChineseQuestion(string text) =>
        text.EndsWith('吗') || text.EndsWith('呢') || (Regex.IsMatch(text, "什么|怎么|怎样|多[少久大远]|几|哪|谁") && !text.Contains("几乎", StringComparison.Ordinal));

    private string Shorten(string text)
    {
        foreach (var (full, brief) in _style.Contractions)
            text = _isChinese ? text.Replace(full, brief, StringComparison.Ordinal) : ReplaceWords(text, full, brief);
        return text;
    }

    private string Reword(string text)
    {
        foreach (var (word, other) in _style.Synonyms)
        {
            if (Chance(0.3))
                text = _isChinese ? text.Replace(word, other, StringComparison.Ordinal) : ReplaceWords(text, word, other);
        }

        return text;
    }

    private static string ReplaceWords(string text, string words, string others) => Regex.Replace(text, $@"\b{words}\b", others);

    // The beginning of one word and the end of another.
    private string Invent(IReadOnlyList<string> words)
    {
        var (first, second) = (Any(words), Any(words));
        return first[..((first.Length + 1) / 2)] + second[(second.Length / 2)..].TrimStart();
    }

    // One word becomes another that sounds like it.
    private string Mishear(string text)
    {
        var words = Words(text);
        var candidates = Enumerable.Range(0, words.Count).Where(i => _style.Misheard.ContainsKey(words[i])).ToArray();
        if (words.Count < 4 || candidates.Length == 0)
            return text;
        var at = Any(candidates);
        words[at] = _style.Misheard[words[at]];
        return Join(words);
    }

    // Any word may not be heard: no single one must decide.
    private string Lose(string text)
    {
        var words = Words(text);
        return words.Count < 5 ? text : Join(words.Where(_ => !Chance(0.1)).DefaultIfEmpty(words[0]));
    }

    // Words that nobody knows stand for those that no list has.
    private string Replace(string text)
    {
        var words = Words(text);
        if (words.Count < 4)
            return text;
        var others = _material.Slots[language]["word"];
        return Join(words.Select(w => Chance(0.05) ? (_isChinese ? Any(others)[..1] : Invent(others)) : w));
    }

    private List<string> Words(string text) => _isChinese ? [.. text.Select(c => c.ToString())] : [.. text.Split(' ')];

    private string Join(IEnumerable<string> words) => string.Join(_isChinese ? "" : " ", words);

    private string Type(string text, bool isQuestion)
    {
        if (_isChinese)
            return text + (isQuestion ? "？" : "。");
        foreach (var (said, written) in _style.Written)
            text = ReplaceWords(text, said, written);
        var typed = new StringBuilder(ReplaceWords(text, "i", "I"));
        typed[0] = char.ToUpperInvariant(typed[0]);
        return typed.Append(isQuestion ? '?' : Chance(0.5) ? '.' : '!').ToString();
    }

    private bool Chance(double share) => random.NextDouble() < share;

    private T Any<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];
}
