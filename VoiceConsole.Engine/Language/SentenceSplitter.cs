using System.Text;

namespace VoiceConsole.Engine.Language;

/// <summary>
/// Cuts a text into sentences while it is still being written, so that speech starts with the first one. How the text comes
/// in pieces makes no difference. What stands between &lt;think&gt; and &lt;/think&gt; is not spoken.
/// </summary>
/// <param name="language">BCP 47 tag of the conversation's language; decides how long a first sentence may grow.</param>
public sealed class SentenceSplitter(string language)
{
    private const string Open = "<think>";
    private const string Close = "</think>";

    // Weights: a Latin letter is 1, a Han character 3. Nobody should wait longer for the voice to begin or to go on.
    private const int MaxWeight = 200;
    private const int MaxFirstWeight = 80;
    private const int MinFirstWeight = 24;

    private readonly int _hanWeight = language.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? 3 : 2;
    private readonly StringBuilder _text = new();
    private int _start;
    private int _position;
    private int _weight;
    private int _index;
    private bool _isThinking;
    private int _closing;
    private int _quotes;

    // End of the stop, closing quotes included, that may end the sentence; -1 when there is none.
    private int _stop = -1;

    /// <summary>Takes the next piece of the text and returns the sentences that are complete with it.</summary>
    public IEnumerable<Sentence> Append(string piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        var completed = new List<Sentence>();
        foreach (var c in piece)
        {
            Take(c, completed);
            _position++;
        }

        return completed;
    }

    /// <summary>The text is over: returns what is left of it.</summary>
    public IEnumerable<Sentence> Complete()
    {
        var completed = new List<Sentence>();
        Emit(_text.Length, completed);
        return completed;
    }

    private void Take(char c, List<Sentence> completed)
    {
        if (_isThinking)
        {
            _closing = c == Close[_closing] ? _closing + 1 : c == '<' ? 1 : 0;
            if (_closing == Close.Length)
                (_isThinking, _closing) = (false, 0);
            return;
        }

        if (c is '\n' or '\r')
        {
            Emit(_text.Length, completed);
            return;
        }

        if (_stop >= 0 && Continues(c, completed))
            return;
        Add(c);
        if (c == '>' && (TakeTag(Open, completed) || TakeTag(Close, completed)))
            return;
        if (_stop < 0 && SentenceEnd.IsStop(c))
            _stop = _text.Length;
        CutIfLong(completed);
    }

    // What follows a stop decides whether it ends the sentence. True when the character is taken.
    private bool Continues(char c, List<Sentence> completed)
    {
        var isNext = _stop == _text.Length;
        if (isNext && (SentenceEnd.IsStop(c) || SentenceEnd.IsCloser(c) || (c == '"' && _quotes % 2 == 1)))
        {
            Add(c);
            _stop = _text.Length;
            CutIfLong(completed);
            return true;
        }

        var sentence = _text.ToString(0, _stop);
        bool? ends;
        if (char.IsWhiteSpace(c))
            ends = isNext ? SentenceEnd.AfterStop(sentence) : null;
        else if (isNext)
            ends = SpokenLanguage.IsHan(c) || sentence.AsSpan().TrimEnd("\"”’'」』）】》)]*_`").TrimEnd(".!?…") is [.., var last] && SentenceEnd.IsWideStop(last);
        else
            ends = SentenceEnd.BeforeNext(sentence, c);
        if (ends == true)
            Emit(_stop, completed);
        else if (ends == false)
            _stop = -1;
        return false;
    }

    private void Add(char c)
    {
        if (_text.Length == 0)
        {
            if (char.IsWhiteSpace(c))
                return;
            _start = _position;
        }

        _text.Append(c);
        _weight += Weight(c);
        if (c == '"')
            _quotes++;
    }

    private bool TakeTag(string tag, List<Sentence> completed)
    {
        if (_text.Length < tag.Length || _text.ToString(_text.Length - tag.Length, tag.Length) != tag)
            return false;
        _text.Length -= tag.Length;
        Emit(_text.Length, completed);
        _isThinking = tag == Open;
        return true;
    }

    private void CutIfLong(List<Sentence> completed)
    {
        if (_weight <= (_index == 0 ? MaxFirstWeight : MaxWeight))
            return;
        var cut = Clause();
        if (cut == 0 && _weight > MaxWeight)
            cut = Space();
        if (cut > 0)
            Emit(cut, completed);
    }

    // The last clause that is long enough to be spoken on its own.
    private int Clause()
    {
        for (var i = _text.Length - 2; i > 0; i--)
        {
            if (SentenceEnd.IsClause(_text[i], _text[i + 1]))
                return WeightOf(i + 1) >= MinFirstWeight ? i + 1 : 0;
        }

        return 0;
    }

    private int Space()
    {
        for (var i = _text.Length - 1; i > _text.Length / 3; i--)
        {
            if (char.IsWhiteSpace(_text[i]))
                return i;
        }

        // Neither a tag that is being written nor a surrogate pair is cut through.
        var cut = _text.Length;
        for (var i = Math.Max(1, cut - Close.Length); i < cut; i++)
        {
            if (_text[i] == '<')
                return i;
        }

        return char.IsHighSurrogate(_text[cut - 1]) ? cut - 1 : cut;
    }

    private void Emit(int end, List<Sentence> completed)
    {
        var spoken = SpokenText.Blank(_text.ToString(0, end));
        var trimmed = spoken.TrimStart();
        if (SpokenText.HasWords(trimmed))
            completed.Add(new Sentence(_index++, _start + spoken.Length - trimmed.Length, trimmed.TrimEnd()));
        while (end < _text.Length && char.IsWhiteSpace(_text[end]))
            end++;
        _text.Remove(0, end);
        _start += end;
        _stop = _stop > end ? _stop - end : -1;
        _weight = WeightOf(_text.Length);
        _quotes = 0;
    }

    private int WeightOf(int length)
    {
        var weight = 0;
        for (var i = 0; i < length; i++)
            weight += Weight(_text[i]);
        return weight;
    }

    private int Weight(char c) => SpokenLanguage.IsHan(c) ? _hanWeight : 1;
}
