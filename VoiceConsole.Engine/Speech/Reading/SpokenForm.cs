using System.Text;

namespace VoiceConsole.Engine.Speech.Reading;

/// <summary>A sentence as it is read aloud, and where in the written one each of its characters stands.</summary>
internal sealed class SpokenForm
{
    private readonly StringBuilder _text = new();
    private readonly List<(int Start, int End)> _source = [];

    public string Text => _text.ToString();

    /// <summary>Says a stretch of the written text in other words.</summary>
    public void Add(string spoken, int start, int end)
    {
        _text.Append(spoken);
        for (var i = 0; i < spoken.Length; i++)
            _source.Add((start, end));
    }

    /// <summary>Says a stretch as it is written.</summary>
    public void Keep(string written, int start, int end)
    {
        for (var i = start; i < end; i++)
            Add(written[i].ToString(), i, i + 1);
    }

    /// <summary>Words of the spoken text as words of the written one; what is one there, such as a number, is one here.</summary>
    public IReadOnlyList<WordTiming> ToWritten(IReadOnlyList<WordTiming> words)
    {
        var written = new List<WordTiming>(words.Count);
        foreach (var word in words)
        {
            var first = Math.Clamp(word.TextStart, 0, _source.Count - 1);
            var last = Math.Clamp(word.TextStart + word.TextLength - 1, first, _source.Count - 1);
            var (start, end) = (_source[first].Start, _source[last].End);
            if (written.Count > 0 && written[^1] is var before && before.TextStart == start)
                written[^1] = before with { TextLength = Math.Max(before.TextLength, end - start), End = word.End };
            else
                written.Add(word with { TextStart = start, TextLength = end - start });
        }

        return written;
    }
}
