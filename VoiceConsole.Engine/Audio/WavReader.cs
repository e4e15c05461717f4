using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Audio;

/// <summary>
/// Reads a WAV file as mono samples of full scale ±1: integer PCM of 8, 16, 24 or 32 bits, or float of 32 or 64, any number of
/// channels (mixed evenly), any rate. Streams: the file is never held in memory.
/// </summary>
/// <remarks>
/// Headers lie. What is believed is the file's length: a data chunk that claims more than there is, or nothing (as writers
/// that were killed leave it), is read as far as the file goes; a format that cannot be true is an error.
/// </remarks>
public sealed class WavReader : IDisposable
{
    private const string Remedy = "Record it again, or choose another file.";
    private const int Pcm = 1, Float = 3, Extensible = 0xFFFE;
    private readonly Stream _stream;
    private readonly byte[] _bytes;
    private readonly int _channels, _bits, _blockSize;
    private readonly bool _float;
    private long _left;

    /// <exception cref="InvalidDataException">Not a WAV file, or one whose header cannot be true; the message says what is wrong.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public WavReader(string path) : this(File.OpenRead(path), path) { }

    /// <param name="stream">Seekable; disposed of with the reader.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="InvalidDataException">See above.</exception>
    public WavReader(Stream stream, string name)
    {
        _stream = stream;
        try
        {
            (var format, SampleRate, _channels, _bits, var dataLength) = ReadHeader(name);
            _float = format == Float;
            _blockSize = _channels * _bits / 8;
            _left = Math.Min(dataLength, _stream.Length - _stream.Position) / _blockSize;
            Samples = _left;
            _bytes = new byte[Math.Max(1, 16_384 / _blockSize) * _blockSize];
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>8,000 to 192,000.</summary>
    public int SampleRate { get; }

    /// <summary>Samples in all, by the file's real length.</summary>
    public long Samples { get; }

    /// <summary>Reads up to so many samples; 0 at the end. Values that are no number become silence, others are limited to ±1.</summary>
    public int Read(Span<float> destination)
    {
        var written = 0;
        while (written < destination.Length && _left > 0)
        {
            var blocks = (int)Math.Min(Math.Min(_bytes.Length / _blockSize, destination.Length - written), _left);
            var read = _stream.ReadAtLeast(_bytes.AsSpan(0, blocks * _blockSize), blocks * _blockSize, throwOnEndOfStream: false) / _blockSize;
            written += IsPlain ? FromPcm16(read, destination[written..]) : Mix(read, destination[written..]);
            _left = read < blocks ? 0 : _left - read;
        }

        return written;
    }

    // What the console itself writes, hours of it.
    private int FromPcm16(int read, Span<float> destination)
    {
        TensorPrimitives.ConvertTruncating<short, float>(MemoryMarshal.Cast<byte, short>(_bytes.AsSpan(0, 2 * read)), destination);
        TensorPrimitives.Multiply(destination[..read], 1 / 32768f, destination);
        return read;
    }

    private int Mix(int read, Span<float> destination)
    {
        for (var i = 0; i < read; i++)
        {
            var sum = 0f;
            for (var channel = 0; channel < _channels; channel++)
                sum += Sample(_bytes.AsSpan(i * _blockSize + channel * _bits / 8));
            var mean = sum / _channels;
            destination[i] = float.IsNaN(mean) ? 0 : Math.Clamp(mean, -1, 1);
        }

        return read;
    }

    /// <summary>Opens a recording that must have something in it.</summary>
    /// <exception cref="InvalidDataException">Not a WAV file, one whose header cannot be true, or one without a single sample.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static WavReader OpenSound(string path)
    {
        var reader = new WavReader(path);
        if (reader.Samples > 0)
            return reader;
        reader.Dispose();
        throw new InvalidDataException($"{path} has no sound in it: its length is zero. {Remedy}");
    }

    /// <summary>A whole file at another rate; for recordings of at most an hour.</summary>
    /// <exception cref="InvalidDataException">Not a WAV file, without sound, or too long.</exception>
    public static float[] ReadAll(string path, int sampleRate)
    {
        using var reader = OpenSound(path);
        if (reader.Samples > 3600L * reader.SampleRate)
            throw new InvalidDataException($"{path} is longer than an hour. Cut it into parts.");
        var samples = new float[reader.Samples];
        var read = reader.Read(samples);
        return Resampler.Convert(samples.AsSpan(0, read), reader.SampleRate, sampleRate);
    }

    public void Dispose() => _stream.Dispose();

    private bool IsPlain => _channels == 1 && !_float && _bits == 16 && BitConverter.IsLittleEndian;

    private float Sample(ReadOnlySpan<byte> bytes) => (_float, _bits) switch
    {
        (true, 32) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        (true, _) => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        (_, 8) => (bytes[0] - 128) / 128f,
        (_, 16) => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768f,
        (_, 24) => ((bytes[0] << 8 | bytes[1] << 16 | bytes[2] << 24) >> 8) / 8388608f,
        _ => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648f,
    };

    private (int Format, int Rate, int Channels, int Bits, long Data) ReadHeader(string name)
    {
        Span<byte> riff = stackalloc byte[12];
        if (_stream.ReadAtLeast(riff, 12, false) < 12 || !riff[..4].SequenceEqual("RIFF"u8) || !riff[8..].SequenceEqual("WAVE"u8))
            throw new InvalidDataException($"{name} is not a WAV file: it does not begin with RIFF…WAVE. Convert it, for example with 'sox in.mp3 out.wav'.");
        (int Format, int Rate, int Channels, int Bits)? format = null;
        Span<byte> chunk = stackalloc byte[8];
        Span<byte> body = stackalloc byte[40];
        while (_stream.ReadAtLeast(chunk, 8, false) == 8)
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk[..4].SequenceEqual("data"u8))
            {
                if (format is not { } known)
                    throw new InvalidDataException($"{name} has its sound before its format; it is damaged. {Remedy}");
                // Zero is what a recorder leaves that was killed before it could write the length, if it is not the truth.
                return (known.Format, known.Rate, known.Channels, known.Bits, length == 0 && !OnlyChunksFollow() ? long.MaxValue : length);
            }

            var end = _stream.Position + length + (length & 1);
            if (chunk[..4].SequenceEqual("fmt "u8))
            {
                var read = _stream.ReadAtLeast(body[..(int)Math.Min(length, 40)], (int)Math.Min(length, 40), false);
                if (read < 16)
                    throw new InvalidDataException($"{name} has a format chunk of {read} bytes; it needs 16. {Remedy}");
                format = ReadFormat(body[..read], name);
            }

            if (end > _stream.Length)
                break;
            _stream.Position = end;
        }

        throw new InvalidDataException($"{name} has no {(format is null ? "format" : "sound")} in it; it is damaged or was cut off. {Remedy}");
    }

    // Whole chunks up to the end of the file, which sound would be by a great accident only.
    private bool OnlyChunksFollow()
    {
        var data = _stream.Position;
        var end = data;
        Span<byte> chunk = stackalloc byte[8];
        while (end < _stream.Length && _stream.ReadAtLeast(chunk, 8, false) == 8 && !chunk[..4].ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            end += 8 + length + (length & 1);
            _stream.Position = Math.Min(end, _stream.Length);
        }

        _stream.Position = data;
        // The last may lack its padding.
        return end - _stream.Length is 0 or 1;
    }

    private static (int, int, int, int) ReadFormat(ReadOnlySpan<byte> body, string name)
    {
        int format = BinaryPrimitives.ReadUInt16LittleEndian(body);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        var rate = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(body[14..]);
        if (format == Extensible && body.Length >= 26)
            format = BinaryPrimitives.ReadUInt16LittleEndian(body[24..]);
        if (format is not (Pcm or Float))
            throw new InvalidDataException($"{name} is compressed (WAV format {format}). Only PCM and float are read: convert it, for example with 'sox in.wav -e signed -b 16 out.wav'.");
        if ((format == Pcm && bits is not (8 or 16 or 24 or 32)) || (format == Float && bits is not (32 or 64)))
            throw new InvalidDataException($"{name} claims {bits} bits a sample, which {(format == Pcm ? "PCM" : "float")} WAV does not have. {Remedy}");
        if (channels is < 1 or > 64)
            throw new InvalidDataException($"{name} claims {channels} channels; 1 to 64 can be read. {Remedy}");
        if (rate is < 8000 or > 192_000)
            throw new InvalidDataException($"{name} claims {rate} samples a second; 8,000 to 192,000 can be read. {Remedy}");
        return (format, (int)rate, channels, bits);
    }
}
