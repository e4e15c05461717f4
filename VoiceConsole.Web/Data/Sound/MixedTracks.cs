using System.Buffers.Binary;
using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Web.Data;

/// <summary>
/// A conversation's tracks, any of them together, as one WAV file that is made while it is read. They lie on one clock, so adding
/// them sample by sample gives what was to be heard. Seekable. Not thread-safe.
/// </summary>
internal sealed class MixedTracks : Stream
{
    private const int HeaderBytes = 44;
    private readonly FileStream[] _tracks;
    private readonly byte[] _header;
    private byte[] _bytes = [];
    private long _position;

    /// <param name="paths">One or more mono 16-bit files of one sample rate, as <see cref="WavWriter"/> writes them.</param>
    /// <exception cref="InvalidDataException">One of them is something else.</exception>
    /// <exception cref="IOException">One of them cannot be read.</exception>
    public MixedTracks(IReadOnlyList<string> paths)
    {
        var tracks = new List<FileStream>();
        try
        {
            var rate = 0;
            foreach (var path in paths)
            {
                var track = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                tracks.Add(track);
                var found = SampleRate(track);
                if (rate != 0 && found != rate)
                    throw new InvalidDataException($"The tracks differ: {rate} and {found} samples a second.");
                rate = found;
            }

            _tracks = [.. tracks];
            Length = tracks.Max(t => t.Length) & ~1L;
            _header = Header(rate, Length);
        }
        catch
        {
            tracks.ForEach(t => t.Dispose());
            throw;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_position >= Length || buffer.IsEmpty)
            return 0;
        if (_position < HeaderBytes)
            return Take(_header.AsSpan((int)_position), buffer);
        // Whole samples, wherever the reader begins.
        var start = _position & ~1L;
        var count = (int)Math.Min((buffer.Length + 3) & ~1, Length - start);
        if (_bytes.Length < 2 * count)
            _bytes = new byte[2 * count];
        var sum = _bytes.AsSpan(0, count);
        var part = _bytes.AsSpan(count, count);
        sum.Clear();
        foreach (var track in _tracks)
        {
            track.Position = Math.Min(start, track.Length);
            var read = track.ReadAtLeast(part, count, throwOnEndOfStream: false) & ~1;
            for (var i = 0; i < read; i += 2)
                BinaryPrimitives.WriteInt16LittleEndian(sum[i..], (short)Math.Clamp(
                    BinaryPrimitives.ReadInt16LittleEndian(sum[i..]) + BinaryPrimitives.ReadInt16LittleEndian(part[i..]), short.MinValue, short.MaxValue));
        }

        return Take(sum[(int)(_position - start)..], buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => _position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Array.ForEach(_tracks, t => t.Dispose());
        base.Dispose(disposing);
    }

    private int Take(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var count = Math.Min(from.Length, to.Length);
        from[..count].CopyTo(to);
        _position += count;
        return count;
    }

    private static int SampleRate(FileStream track)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (track.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !header[..4].SequenceEqual("RIFF"u8)
            || !header[8..16].SequenceEqual("WAVEfmt "u8) || BinaryPrimitives.ReadInt32LittleEndian(header[20..]) != 0x1_0001
            || BinaryPrimitives.ReadInt16LittleEndian(header[34..]) != 16 || !header[36..40].SequenceEqual("data"u8))
            throw new InvalidDataException($"{Path.GetFileName(track.Name)} is not a track of the console's.");
        return BinaryPrimitives.ReadInt32LittleEndian(header[24..]);
    }

    private static byte[] Header(int rate, long length)
    {
        using var made = new MemoryStream();
        new WavWriter(made, rate).Dispose();
        var header = made.ToArray();
        // The lengths of what is there now; those in the files' headers lag behind a running recording.
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), (uint)Math.Min(length - 8, uint.MaxValue));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), (uint)Math.Min(length - HeaderBytes, uint.MaxValue));
        return header;
    }
}
