using System.Buffers.Binary;
using CsCheck;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Audio;

public class WavTests
{
    [Fact]
    public void What_was_written_is_read_back()
    {
        using var folder = new TempFolder();
        var samples = ResamplerTests.Tone(16_000, 12_345, 300);
        WavWriter.WriteAll(folder / "a.wav", samples, 16_000);
        var read = WavReader.ReadAll(folder / "a.wav", 16_000);
        Assert.Equal(samples.Length, read.Length);
        Assert.All(samples.Zip(read), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void A_killed_writers_file_plays_up_to_its_last_flush()
    {
        using var folder = new TempFolder();
        using var stream = new FileStream(folder / "a.wav", FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        var writer = new WavWriter(stream, 16_000);
        writer.Write(new float[8000]);
        writer.Flush();
        File.Copy(folder / "a.wav", folder / "b.wav");
        using var reader = new WavReader(folder / "b.wav");
        Assert.Equal(8000, reader.Samples);
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(1, 16)]
    [InlineData(1, 24)]
    [InlineData(1, 32)]
    [InlineData(3, 32)]
    [InlineData(3, 64)]
    public void Reads_every_depth_and_mixes_channels(int format, int bits)
    {
        var blocks = new List<byte>();
        for (var i = 0; i < 100; i++)
        {
            blocks.AddRange(Encode(format, bits, 0.5));
            blocks.AddRange(Encode(format, bits, -0.25));
        }

        using var reader = Open(Wav(format, 2, 8000, bits, [.. blocks], blocks.Count));
        var samples = new float[200];
        Assert.Equal(100, reader.Read(samples));
        Assert.Equal(8000, reader.SampleRate);
        Assert.All(samples.Take(100), s => Assert.Equal(0.125f, s, 0.01f));
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(0u)]
    [InlineData(1_000_000u)]
    public void A_header_that_lies_about_the_length_is_not_believed(uint claimed)
    {
        using var reader = Open(Wav(1, 1, 16_000, 16, new byte[2000], claimed));
        Assert.Equal(1000, reader.Samples);
        Assert.Equal(1000, reader.Read(new float[5000]));
        Assert.Equal(0, reader.Read(new float[10]));
    }

    [Fact]
    public void An_extensible_header_and_a_chunk_of_odd_length_are_read_through()
    {
        var plain = Wav(3, 2, 8000, 32, [.. Enumerable.Repeat(Encode(3, 32, 0.5), 200).SelectMany(b => b)], 800);
        // WAVE_FORMAT_EXTENSIBLE: the format is the first two bytes of a GUID, after size, valid bits and channel mask.
        byte[] format = [0xFE, 0xFF, .. plain[22..36], 22, 0, 32, 0, 3, 0, 0, 0, 3, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];
        byte[] bytes = [.. plain[..16], 40, 0, 0, 0, .. format, .. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0, .. plain[36..]];

        using var reader = Open(bytes);
        var samples = new float[200];

        Assert.Equal((8000, 100L), (reader.SampleRate, reader.Samples));
        Assert.Equal(100, reader.Read(samples));
        Assert.All(samples.Take(100), s => Assert.Equal(0.5f, s));
    }

    [Fact]
    public void A_file_without_a_single_sample_is_refused_also_when_other_chunks_follow()
    {
        using var folder = new TempFolder();
        foreach (byte[] rest in (byte[][])[[], [.. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0], [.. "LIST"u8, 3, 0, 0, 0, 1, 2, 3]])
        {
            File.WriteAllBytes(folder / "a.wav", Wav(1, 1, 8000, 16, rest, 0));
            var error = Assert.Throws<InvalidDataException>(() => WavReader.ReadAll(folder / "a.wav", 16_000));
            Assert.Contains("has no sound in it", error.Message, StringComparison.Ordinal);
            Assert.EndsWith("choose another file.", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1, 0, 16_000, 16, "0 channels")]
    [InlineData(1, 1, 7, 16, "7 samples a second")]
    [InlineData(1, 1, 16_000, 17, "17 bits")]
    [InlineData(85, 1, 16_000, 16, "compressed")]
    public void A_format_that_cannot_be_is_named(int format, int channels, int rate, int bits, string said)
    {
        var error = Assert.Throws<InvalidDataException>(() => Open(Wav(format, channels, rate, bits, new byte[100], 100)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_bytes_it_is_read_or_refused() =>
        Gen.Select(Gen.Byte.Array[0, 400], Gen.Int[0, 60], Gen.Bool).Sample((noise, cut, header) =>
        {
            var bytes = header ? Wav(1, 2, 16_000, 16, noise, noise.Length)[..^Math.Min(cut, noise.Length)] : noise;
            for (var i = 0; header && i < cut && i < noise.Length; i++)
                bytes[12 + noise[i] % 32] ^= (byte)(1 << (i % 8));
            try
            {
                using var reader = Open(bytes);
                var read = 0;
                var block = new float[64];
                for (int count; (count = reader.Read(block)) > 0; read += count)
                    Assert.All(block.Take(count), s => Assert.InRange(s, -1, 1));
                Assert.InRange(read, 0, bytes.Length);
            }
            catch (InvalidDataException)
            {
            }
        }, iter: 5000);

    /// <summary>A WAV file as a recorder that was cut off leaves it: 32-bit float, the sound in the left channel at twice its level, and a length that lies.</summary>
    internal static byte[] FloatStereo(float[] samples, int rate) =>
        Wav(3, 2, rate, 32, [.. samples.SelectMany(s => Encode(3, 32, 2 * s).Concat(Encode(3, 32, 0)))], samples.Length > 0 ? uint.MaxValue : 0);

    private static WavReader Open(byte[] bytes) => new(new MemoryStream(bytes), "test.wav");

    private static byte[] Encode(int format, int bits, double value)
    {
        var bytes = new byte[8];
        switch (format, bits)
        {
            case (3, 32): BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value); break;
            case (3, 64): BinaryPrimitives.WriteDoubleLittleEndian(bytes, value); break;
            case (_, 8): bytes[0] = (byte)(128 + value * 127); break;
            default: BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)(value * int.MaxValue) >> (32 - bits)); break;
        }

        return bytes[..(bits / 8)];
    }

    private static byte[] Wav(int format, int channels, int rate, int bits, byte[] data, long claimed)
    {
        var bytes = new byte[44 + data.Length];
        "RIFF"u8.CopyTo(bytes);
        "WAVEfmt "u8.CopyTo(bytes.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(20), (short)format);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(22), (short)channels);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), rate);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(34), (short)bits);
        "data"u8.CopyTo(bytes.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(40), (uint)claimed);
        data.CopyTo(bytes, 44);
        return bytes;
    }
}
