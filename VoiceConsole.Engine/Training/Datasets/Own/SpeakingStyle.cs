using System.Text;
using System.Text.RegularExpressions;

namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>Says a phrasing the way somebody would: with fillers, short forms, a recogniser's errors, or typed with capitals and stops.</summary>
internal sealed class SpeakingStyle(string language, Random random)
{
    private readonly OwnMaterial _material = OwnMaterial.Instance;
    private readonly OwnStyle _style = OwnMaterial.Instance.Styles[language];
    private readonly bool _isChinese = language == OwnMaterial.Chinese;

    /// <summary>The phrasing with words in its slots.</summary>
    public string Fill(string phrasing) =>
        Regex.Replace(phrasing, @"\{(\w+)\}", slot => Any(_material.Slots[language][slot.Groups[1].Value]));

    /// <param name="text">A phrasing without slots.</param>
    /// <param name="mayAsk">It may be asked in a roundabout way.</param>
    public string Say(string text, bool mayAsk)
    {
        var isOpenQuestion = _isChinese ? IsChineseQuestion(text) : _style.QuestionStarts.Contains(text.Split(' ')[0]);
        var isQuestion = isOpenQuestion || _style.YesNoStarts.Contains(text.Split(' ')[0]);
        if (Chance(0.35))
            text = Shorten(text);
        if (Chance(0.08))
            text = Mishear(text);
        if (mayAsk && isOpenQuestion && Chance(0.15))
            text = Join(Any(_style.Askers), text);
        if (Chance(0.18))
            text = Join(Any(_style.Fillers), text);
        return Chance(_isChinese ? 0.5 : 0.25) ? Type(text, isQuestion) : text;
    }

    private static bool IsChineseQuestion(string text) =>
        text.EndsWith('吗') || text.EndsWith('呢') || (Regex.IsMatch(text, "什么|怎么|怎样|多[少久大远]|几|哪|谁") && !text.Contains("几乎", StringComparison.Ordinal));

    private string Join(string first, string second) => _isChinese ? first + second : $"{first} {second}";

    private string Shorten(string text)
    {
        foreach (var (full, brief) in _style.Contractions)
            text = _isChinese ? text.Replace(full, brief, StringComparison.Ordinal) : ReplaceWords(text, full, brief);
        return text;
    }

    private static string ReplaceWords(string text, string words, string others) => Regex.Replace(text, $@"\b{words}\b", others);

    // One word becomes another, or is lost.
    private string Mishear(string text)
    {
        var words = _isChinese ? text.Select(c => c.ToString()).ToList() : [.. text.Split(' ')];
        if (words.Count < 4)
            return text;
        var candidates = Enumerable.Range(0, words.Count).Where(i => _style.Misheard.ContainsKey(words[i])).ToArray();
        if (candidates.Length == 0)
            return text;
        var at = Any(candidates);
        if (Chance(0.3))
            words.RemoveAt(at);
        else
            words[at] = _style.Misheard[words[at]];
        return string.Join(_isChinese ? "" : " ", words);
    }

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
