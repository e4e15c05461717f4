using System.Runtime.InteropServices;
using System.Text;

namespace VoiceConsole.Engine.Training.Gguf;

/// <summary>Collects metadata and tensors and writes them as a GGUF file, version 3, aligned to 32 bytes.</summary>
internal sealed class GgufWriter
{
    public const uint Magic = 0x46554747, Version = 3;
    public const int Alignment = 32;

    private readonly List<(string Key, GgufType Type, Action<BinaryWriter> Write)> _metadata = [];
    private readonly List<(string Name, TensorType Type, int[] Shape, Action<Stream> Write)> _tensors = [];

    public void Add(string key, uint value) => _metadata.Add((key, GgufType.UInt32, writer => writer.Write(value)));

    public void Add(string key, float value) => _metadata.Add((key, GgufType.Float32, writer => writer.Write(value)));

    public void Add(string key, string value) => _metadata.Add((key, GgufType.Text, writer => Write(writer, value)));

    public void Add(string key, bool value) => _metadata.Add((key, GgufType.Flag, writer => writer.Write(value)));

    public void Add(string key, IReadOnlyList<string> values) => AddArray(key, GgufType.Text, values, Write);

    public void Add(string key, IReadOnlyList<float> values) => AddArray(key, GgufType.Float32, values, (writer, value) => writer.Write(value));

    public void Add(string key, IReadOnlyList<int> values) => AddArray(key, GgufType.Int32, values, (writer, value) => writer.Write(value));

    /// <summary>Adds a tensor; the shape begins with the dimension that runs fastest.</summary>
    public void AddTensor(string name, ReadOnlyMemory<float> data, params int[] shape)
    {
        if (shape.Aggregate(1L, (product, size) => product * size) != data.Length)
            throw new ArgumentException($"{name} has {data.Length} values, not {string.Join('×', shape)}.", nameof(data));
        AddTensor(name, TensorType.F32, shape, stream => stream.Write(MemoryMarshal.AsBytes(data.Span)));
    }

    /// <summary>The same for one that is too large to be held: its bytes are asked for when the file is written.</summary>
    public void AddTensor(string name, TensorType type, int[] shape, Action<Stream> write) => _tensors.Add((name, type, shape, write));

    /// <summary>Writes the file so that it appears whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written; nothing of it is left.</exception>
    public void Write(string file)
    {
        var partial = file + ".partial";
        try
        {
            WriteTo(partial);
            GgufReader.Read(partial);
            File.Move(partial, file, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private void WriteTo(string file)
    {
        using var stream = File.Create(file);
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_metadata.Count);
        foreach (var (key, type, write) in _metadata)
        {
            Write(writer, key);
            writer.Write((uint)type);
            write(writer);
        }

        var offset = 0L;
        foreach (var (name, type, shape, _) in _tensors)
        {
            Write(writer, name);
            writer.Write((uint)shape.Length);
            foreach (var size in shape)
                writer.Write((ulong)size);
            writer.Write((uint)type);
            writer.Write((ulong)offset);
            offset += Padded(Bytes(type, shape));
        }

        foreach (var (name, type, shape, write) in _tensors)
        {
            Pad(writer);
            var start = stream.Position;
            write(stream);
            if (stream.Position - start != Bytes(type, shape))
                throw new InvalidDataException($"{name} should have {Bytes(type, shape)} bytes and has {stream.Position - start}.");
        }

        Pad(writer);
    }

    private void AddArray<T>(string key, GgufType type, IReadOnlyList<T> values, Action<BinaryWriter, T> write) =>
        _metadata.Add((key, GgufType.Array, writer =>
        {
            writer.Write((uint)type);
            writer.Write((ulong)values.Count);
            foreach (var value in values)
                write(writer, value);
        }
    ));

    private static void Write(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pad(BinaryWriter writer)
    {
        writer.Flush();
        var position = writer.BaseStream.Position;
        for (var missing = Padded(position) - position; missing > 0; missing--)
            writer.Write((byte)0);
    }

    private static long Bytes(TensorType type, int[] shape) => shape.Aggregate(type == TensorType.F32 ? 4L : 2L, (product, size) => product * size);

    private static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
