using System.Buffers.Binary;

namespace VoiceConsole.Engine.Audio;

/// <summary>Writes mono 16-bit PCM. The header is true after every <see cref="Flush"/>, so a killed process leaves a file that plays.</summary>
public sealed class WavWriter : IDisposable
{
    private const int HeaderBytes = 44;
    private readonly Stream _stream;
    private readonly byte[] _bytes = new byte[16_384];
    private long _samples;
    private bool _disposed;

    /// <param name="path">Created, or overwritten.</param>
    /// <param name="sampleRate">Samples per second.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    // Unbuffered: what a full disk has refused would stay in a buffer, to be refused again when the header is put right.
    public WavWriter(string path, int sampleRate) : this(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0), sampleRate) { }

    /// <param name="stream">Seekable; disposed of with the writer.</param>
    /// <param name="sampleRate">Samples per second.</param>
    public WavWriter(Stream stream, int sampleRate)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        Span<byte> header = stackalloc byte[HeaderBytes];
        "RIFF\0\0\0\0WAVEfmt "u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(header[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], sampleRate * 2);
        BinaryPrimitives.WriteInt16LittleEndian(header[32..], 2);
        BinaryPrimitives.WriteInt16LittleEndian(header[34..], 16);
        "data"u8.CopyTo(header[36..]);
        try
        {
            stream.Write(header);
            Flush();
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Samples written so far.</summary>
    public long Samples => _samples;

    public void Write(ReadOnlySpan<float> samples)
    {
        while (!samples.IsEmpty)
        {
            var count = Math.Min(samples.Length, _bytes.Length / 2);
            for (var i = 0; i < count; i++)
            {
                // By what the reader divides, so that samples come back as they were.
                var value = float.IsNaN(samples[i]) ? 0 : MathF.Round(samples[i] * 32768f);
                BinaryPrimitives.WriteInt16LittleEndian(_bytes.AsSpan(2 * i), (short)Math.Clamp(value, short.MinValue, short.MaxValue));
            }

            _stream.Write(_bytes.AsSpan(0, 2 * count));
            _samples += count;
            samples = samples[count..];
        }
    }

    /// <summary>Makes the header say what is there and hands all of it to the file system.</summary>
    public void Flush()
    {
        var data = (uint)Math.Min(_samples * 2, uint.MaxValue - HeaderBytes);
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(size, data + HeaderBytes - 8);
        _stream.Position = 4;
        _stream.Write(size);
        BinaryPrimitives.WriteUInt32LittleEndian(size, data);
        _stream.Position = 40;
        _stream.Write(size);
        _stream.Position = HeaderBytes + _samples * 2;
        _stream.Flush();
    }

    /// <summary>Closes the file with a true header, also after a <see cref="Write"/> that the disk refused.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            Flush();
            // A refused write may have left a part of itself.
            if (_stream.Length > _stream.Position)
                _stream.SetLength(_stream.Position);
        }
        finally
        {
            _stream.Dispose();
        }
    }

    /// <summary>Writes a whole recording.</summary>
    public static void WriteAll(string path, ReadOnlySpan<float> samples, int sampleRate)
    {
        using var writer = new WavWriter(path, sampleRate);
        writer.Write(samples);
    }
}
