namespace VoiceConsole.Engine.Training.Gguf;

/// <summary>What the head of a GGUF file says: single values, and the tensors. Long texts and long arrays are left out.</summary>
/// <param name="Values">Numbers, flags, texts of at most 64 KB and lists of at most 64 of them by key.</param>
/// <param name="Tensors">All tensors by name.</param>
internal sealed record GgufHead(IReadOnlyDictionary<string, object> Values, IReadOnlyDictionary<string, GgufTensor> Tensors)
{
    /// <summary>A whole number; 0 where there is none.</summary>
    public long Number(string key) => Values.TryGetValue(key, out var value) && value is uint or int or ulong or long ? Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) : 0;

    /// <summary>A text; empty where there is none.</summary>
    public string Text(string key) => Values.GetValueOrDefault(key) as string ?? "";

    /// <summary>A list of texts; empty where there is none.</summary>
    public IReadOnlyList<string> Texts(string key) => Values.GetValueOrDefault(key) as string[] ?? [];
}

/// <summary>What the head says of a tensor.</summary>
/// <param name="Type">0 is F32, 1 is F16, the others are smaller.</param>
/// <param name="Sizes">Its shape, the dimension that runs fastest first.</param>
internal sealed record GgufTensor(uint Type, IReadOnlyList<long> Sizes);

/// <summary>Checks that a file is a whole GGUF file before native code, which tells less, sees it.</summary>
internal static class GgufReader
{
    private const int LongestText = 65536, LongestList = 64;

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

    /// <summary>Reads the head of a file that is whole.</summary>
    /// <exception cref="InvalidDataException">The file is not GGUF, of an unknown version, or cut short.</exception>
    public static GgufHead Read(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new BinaryReader(stream);
        if (stream.Length < 4 || reader.ReadUInt32() != GgufWriter.Magic)
            throw new InvalidDataException($"{Path.GetFileName(file)} is not a GGUF file: it does not begin with 'GGUF'. Choose one that is, or make one of it with 'models convert'.");
        try
        {
            var (head, end) = Head(file, reader);
            if (end > stream.Length)
                throw new InvalidDataException($"{Path.GetFileName(file)} is truncated: it has {stream.Length} of {end} bytes. Fetch it again.");
            return head;
        }
        catch (Exception error) when (error is EndOfStreamException or OverflowException)
        {
            throw new InvalidDataException($"{Path.GetFileName(file)} is truncated or damaged: its header does not end within its {stream.Length} bytes. Fetch it again.", error);
        }
    }

    private static (GgufHead Head, long End) Head(string file, BinaryReader reader)
    {
        var version = reader.ReadUInt32();
        if (version is not (2 or 3))
            throw new InvalidDataException($"{Path.GetFileName(file)} is GGUF version {version}; versions 2 and 3 can be read. Fetch a newer copy of the model.");
        var tensors = reader.ReadUInt64();
        var metadata = reader.ReadUInt64();
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        for (ulong i = 0; i < metadata; i++)
        {
            var key = ReadKey(reader);
            if (ReadValue(reader, (GgufType)reader.ReadUInt32()) is { } value)
                values[key] = value;
        }

        var shapes = new Dictionary<string, GgufTensor>(StringComparer.Ordinal);
        var end = 0L;
        for (ulong i = 0; i < tensors; i++)
        {
            var name = ReadKey(reader);
            var sizes = new List<long>();
            for (var dimensions = reader.ReadUInt32(); dimensions > 0; dimensions--)
                sizes.Add(checked((long)reader.ReadUInt64()));
            var count = sizes.Aggregate(1L, (product, size) => checked(product * size));
            var type = reader.ReadUInt32();
            shapes[name] = new GgufTensor(type, sizes);
            var (ofBlock, bytes) = s_blocks.GetValueOrDefault(type, (1, 0));
            end = Math.Max(end, checked((long)reader.ReadUInt64() + (count / ofBlock * bytes)));
        }

        var head = new GgufHead(values, shapes);
        var alignment = head.Number("general.alignment") is var given and > 0 ? given : GgufWriter.Alignment;
        var start = (reader.BaseStream.Position + alignment - 1) / alignment * alignment;
        return (head, checked(start + end));
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

    private static object? ReadValue(BinaryReader reader, GgufType type)
    {
        switch (type)
        {
            case GgufType.UInt32:
                return reader.ReadUInt32();
            case GgufType.Int32:
                return reader.ReadInt32();
            case GgufType.UInt64:
                return reader.ReadUInt64();
            case GgufType.Int64:
                return reader.ReadInt64();
            case GgufType.Float32:
                return reader.ReadSingle();
            case GgufType.Flag:
                return reader.ReadByte() != 0;
            case GgufType.Text:
                return ReadText(reader);
            case GgufType.Array:
                return ReadList(reader);
            default:
                Skip(reader, type, 0);
                return null;
        }
    }

    private static string? ReadText(BinaryReader reader)
    {
        var length = reader.ReadUInt64();
        if (length <= LongestText)
            return System.Text.Encoding.UTF8.GetString(reader.ReadBytes((int)length));
        Forward(reader, length);
        return null;
    }

    // Short lists of texts are read, all others left out.
    private static string[]? ReadList(BinaryReader reader)
    {
        var (of, count) = ((GgufType)reader.ReadUInt32(), reader.ReadUInt64());
        if (of == GgufType.Text && count <= LongestList)
            return [.. Enumerable.Range(0, (int)count).Select(_ => ReadText(reader) ?? "")];
        SkipItems(reader, of, count, 0);
        return null;
    }

    private static void SkipItems(BinaryReader reader, GgufType of, ulong count, int depth)
    {
        if (of is GgufType.Text or GgufType.Array)
        {
            for (ulong i = 0; i < count; i++)
                Skip(reader, of, depth + 1);
        }
        else
        {
            Forward(reader, checked(count * Size(of)));
        }
    }

    private static void Skip(BinaryReader reader, GgufType type, int depth)
    {
        switch (type)
        {
            case GgufType.Text:
                Forward(reader, reader.ReadUInt64());
                break;
            case GgufType.Array when depth < 4:
                SkipItems(reader, (GgufType)reader.ReadUInt32(), reader.ReadUInt64(), depth);
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
        _ => throw new InvalidDataException($"The GGUF file is damaged: it has a value of the unknown type {(int)type}. Fetch it again."),
    };

    private static void Forward(BinaryReader reader, ulong bytes)
    {
        var stream = reader.BaseStream;
        if (bytes > (ulong)(stream.Length - stream.Position))
            throw new EndOfStreamException();
        stream.Position += (long)bytes;
    }
}
