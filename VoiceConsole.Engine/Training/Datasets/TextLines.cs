using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>The lines of a UTF-8 file of any size. A line that is too long or not UTF-8 is reported, and reading goes on after it.</summary>
internal static class TextLines
{
    /// <summary>Longest line in bytes; a million characters in one record are a mistake and not a conversation.</summary>
    public const int MaxBytes = 1_000_000;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidDataException">The file is UTF-16.</exception>
    public static async IAsyncEnumerable<(long Number, string? Text, string? Problem)> ReadAsync(
        string file, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        var buffer = new byte[65_536];
        var line = new ArrayBufferWriter<byte>();
        var (number, isTooLong) = (1L, false);
        int length;
        while ((length = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            for (var at = 0; at < length;)
            {
                var rest = buffer.AsMemory(at, length - at);
                var end = rest.Span.IndexOf((byte)'\n');
                var part = end < 0 ? rest : rest[..end];
                at += part.Length + (end < 0 ? 0 : 1);
                isTooLong |= line.WrittenCount + part.Length > MaxBytes;
                if (!isTooLong)
                    line.Write(part.Span);
                if (end < 0)
                    continue;
                yield return Decode(file, number++, line.WrittenSpan, isTooLong);
                line.ResetWrittenCount();
                isTooLong = false;
            }
        }

        if (line.WrittenCount > 0 || isTooLong)
            yield return Decode(file, number, line.WrittenSpan, isTooLong);
    }

    private static (long, string?, string?) Decode(string file, long number, ReadOnlySpan<byte> bytes, bool isTooLong)
    {
        if (isTooLong)
            return (number, null, $"is longer than {MaxBytes:N0} bytes.");
        if (number == 1)
        {
            if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
                throw new InvalidDataException($"{Path.GetFileName(file)} is UTF-16. Save it as UTF-8.");
            if (bytes.StartsWith(Encoding.UTF8.Preamble))
                bytes = bytes[3..];
        }

        try
        {
            return (number, s_strict.GetString(bytes.TrimEnd((byte)'\r')), null);
        }
        catch (DecoderFallbackException error)
        {
            return (number, null, $"is not UTF-8: byte 0x{error.BytesUnknown?[0]:X2} at {error.Index + 1}. The file mixes encodings or has another one; save it as UTF-8.");
        }
    }
}
