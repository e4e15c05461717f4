namespace VoiceConsole.Engine.Training.Gguf;

/// <summary>Checks that a file is a whole GGUF file before native code, which tells less, sees it.</summary>
internal static class GgufReader
{
    // Values and bytes of a block by tensor type; of other types only the beginning is checked.
    private static readonly Dictionary<uint, (long Values, long Bytes)> s_blocks = new()
    {
        [0] = (1, 4),
        [1] = (1, 2),
        [2] = (32, 18),
        [3] = (32, 20),
        [6] = (32, 22),
        [7] = (32, 24),
        [8] = (32, 34),
        [10] = (256, 84),
        [11] = (256, 110),
        [12] = (256, 144),
        [13] = (256, 176),
        [14] = (256, 210),
        [30] = (1, 2),
    };

    /// <exception cref="InvalidDataException">The file is not GGUF, of an unknown version, or cut short.</exception>
    public static void Check(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new BinaryReader(stream);
        if (stream.Length < 4 || reader.ReadUInt32() != GgufWriter.Magic)
            throw new InvalidDataException($"{Path.GetFileName(file)} is not a GGUF file: it does not begin with 'GGUF'.");
        try
        {
            var end = End(file, reader);
            if (end > stream.Length)
                throw new InvalidDataException($"{Path.GetFileName(file)} is truncated: it has {stream.Length} of {end} bytes. Fetch it again.");
        }
        catch (Exception error) when (error is EndOfStreamException or OverflowException)
        {
            throw new InvalidDataException($"{Path.GetFileName(file)} is truncated or damaged: its header does not end within its {stream.Length} bytes. Fetch it again.", error);
        }
    }

    private static long End(string file, BinaryReader reader)
    {
        var version = reader.ReadUInt32();
        if (version is not (2 or 3))
            throw new InvalidDataException($"{Path.GetFileName(file)} is GGUF version {version}; versions 2 and 3 can be read.");
        var tensors = reader.ReadUInt64();
        var metadata = reader.ReadUInt64();
        var alignment = (long)GgufWriter.Alignment;
        for (ulong i = 0; i < metadata; i++)
        {
            var key = ReadKey(reader);
            var type = (GgufType)reader.ReadUInt32();
            if (key == "general.alignment" && type == GgufType.UInt32)
                alignment = Math.Max(1, reader.ReadUInt32());
            else
                Skip(reader, type, 0);
        }

        var end = 0L;
        for (ulong i = 0; i < tensors; i++)
        {
            Skip(reader, GgufType.Text, 0);
            var count = 1L;
            for (var dimensions = reader.ReadUInt32(); dimensions > 0; dimensions--)
                count = checked(count * (long)reader.ReadUInt64());
            var (values, bytes) = s_blocks.GetValueOrDefault(reader.ReadUInt32(), (1, 0));
            end = Math.Max(end, checked((long)reader.ReadUInt64() + (count / values * bytes)));
        }

        var start = (reader.BaseStream.Position + alignment - 1) / alignment * alignment;
        return checked(start + end);
    }

    private static string ReadKey(BinaryReader reader)
    {
        var length = reader.ReadUInt64();
        // The format allows keys of 65535 bytes.
        if (length > ushort.MaxValue)
            throw new OverflowException();
        var bytes = reader.ReadBytes((int)length);
        return bytes.Length == (int)length ? System.Text.Encoding.UTF8.GetString(bytes) : throw new EndOfStreamException();
    }

    private static void Skip(BinaryReader reader, GgufType type, int depth)
    {
        switch (type)
        {
            case GgufType.Text:
                Forward(reader, reader.ReadUInt64());
                break;
            case GgufType.Array when depth < 4:
                var of = (GgufType)reader.ReadUInt32();
                var count = reader.ReadUInt64();
                if (of is GgufType.Text or GgufType.Array)
                {
                    for (ulong i = 0; i < count; i++)
                        Skip(reader, of, depth + 1);
                }
                else
                {
                    Forward(reader, checked(count * Size(of)));
                }

                break;
            default:
                Forward(reader, Size(type));
                break;
        }
    }

    private static ulong Size(GgufType type) => type switch
    {
        GgufType.UInt8 or GgufType.Int8 or GgufType.Flag => 1,
        GgufType.UInt16 or GgufType.Int16 => 2,
        GgufType.UInt32 or GgufType.Int32 or GgufType.Float32 => 4,
        GgufType.UInt64 or GgufType.Int64 or GgufType.Float64 => 8,
        _ => throw new InvalidDataException($"The GGUF file is damaged: it has a value of the unknown type {(int)type}."),
    };

    private static void Forward(BinaryReader reader, ulong bytes)
    {
        var stream = reader.BaseStream;
        if (bytes > (ulong)(stream.Length - stream.Position))
            throw new EndOfStreamException();
        stream.Position += (long)bytes;
    }
}
