using System.Buffers;
using System.Text;

namespace VoiceConsole.Engine.Language.Servers;

/// <summary>Reads lines of a stream, none longer than a limit: a server must not fill the memory.</summary>
internal sealed class BoundedLineReader(Stream stream, int maxBytes)
{
    private readonly byte[] _buffer = new byte[8192];
    private readonly ArrayBufferWriter<byte> _line = new();
    private int _at;
    private int _length;

    /// <summary>The next line without its end; null when the stream is over.</summary>
    /// <exception cref="InvalidDataException">A line is too long.</exception>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        _line.ResetWrittenCount();
        while (true)
        {
            if (_at == _length)
            {
                _length = await stream.ReadAsync(_buffer, cancellationToken);
                _at = 0;
                if (_length == 0)
                    return _line.WrittenCount > 0 ? Text() : null;
            }

            var rest = _buffer.AsSpan(_at, _length - _at);
            var end = rest.IndexOf((byte)'\n');
            _line.Write(end < 0 ? rest : rest[..end]);
            _at += end < 0 ? rest.Length : end + 1;
            if (_line.WrittenCount > maxBytes)
                throw new InvalidDataException($"The model server sent a line of more than {maxBytes / 1_000_000.0:0.#} MB. It is not the kind of server its address says, or it is broken.");
            if (end >= 0)
                return Text();
        }
    }

    private string Text() => Encoding.UTF8.GetString(_line.WrittenSpan).TrimEnd('\r');
}
