using System.Text;

namespace VoiceConsole.Engine.Echo.WebRtc;

/// <summary>
/// Protobuf messages of livekit_ffi by hand: generated classes would allocate one object tree for every frame, and the
/// requests of a frame are the same bytes each time.
/// </summary>
internal static class FfiMessage
{
    // Field numbers in FfiRequest; a response's is one less in FfiResponse.
    public const int NewApm = 50, ProcessStream = 51, ProcessReverseStream = 52, SetStreamDelay = 53;

    /// <summary>Enough for any request made here.</summary>
    public const int MaxLength = 64;

    /// <summary>Writes a request whose fields 1, 2, … are these numbers. Returns its length.</summary>
    public static int Write(Span<byte> destination, int message, params ReadOnlySpan<ulong> fields)
    {
        Span<byte> body = stackalloc byte[MaxLength];
        var length = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            body[length++] = (byte)((i + 1) << 3);
            length += WriteVarint(body[length..], fields[i]);
        }

        var written = WriteVarint(destination, (ulong)(message << 3 | 2));
        written += WriteVarint(destination[written..], (ulong)length);
        body[..length].CopyTo(destination[written..]);
        return written + length;
    }

    /// <summary>Opens a field that holds a message, of the given number; empty if the bytes begin with anything else or end early.</summary>
    public static ReadOnlySpan<byte> Open(ReadOnlySpan<byte> bytes, int field)
    {
        if (!TryReadVarint(ref bytes, out var tag) || tag != (ulong)(field << 3 | 2) || !TryReadVarint(ref bytes, out var length) || length > (ulong)bytes.Length)
            return [];
        return bytes[..(int)length];
    }

    /// <summary>The number in a message's first field, which must be its field 1.</summary>
    public static ulong FirstNumber(ReadOnlySpan<byte> bytes) =>
        TryReadVarint(ref bytes, out var tag) && tag == 1 << 3 && TryReadVarint(ref bytes, out var value) ? value : 0;

    /// <summary>The text in a message's first field.</summary>
    public static string FirstText(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(Open(bytes, 1));

    private static int WriteVarint(Span<byte> destination, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            destination[length++] = (byte)(value | 0x80);
        destination[length++] = (byte)value;
        return length;
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80)
                continue;
            bytes = bytes[(i + 1)..];
            return true;
        }

        return false;
    }
}
