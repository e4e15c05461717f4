using System.Text;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>Makes text of a reply's bytes: whole characters only, without leading space, up to a stop sequence.</summary>
internal sealed class ReplyDecoder(IReadOnlyList<string> stops)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private string _held = "";
    private bool _begun;

    /// <summary>A stop sequence came; nothing after it counts.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes bytes and returns the text that is sure by now, which may be empty.</summary>
    public string Append(ReadOnlySpan<byte> bytes, bool last = false)
    {
        if (Stopped)
            return "";
        var chars = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length + 4)];
        _held += new string(chars, 0, _decoder.GetChars(bytes, chars, last));
        if (!_begun)
            _held = _held.TrimStart();
        _begun |= _held.Length > 0;
        var end = _held.Length;
        foreach (var stop in stops)
        {
            var at = _held.IndexOf(stop, StringComparison.Ordinal);
            if (at < 0)
                continue;
            end = Math.Min(end, at);
            Stopped = true;
        }

        if (!Stopped && !last)
            end = stops.Select(Sure).Append(end).Min();
        var text = _held[..end];
        _held = _held[end..];
        return text;
    }

    // Text before what may be the beginning of a stop sequence.
    private int Sure(string stop)
    {
        for (var length = Math.Min(stop.Length - 1, _held.Length); length > 0; length--)
        {
            if (_held.EndsWith(stop[..length], StringComparison.Ordinal))
                return _held.Length - length;
        }

        return _held.Length;
    }
}
