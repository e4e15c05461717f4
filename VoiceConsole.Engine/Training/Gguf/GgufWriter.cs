using System.Runtime.InteropServices;
using System.Text;

namespace VoiceConsole.Engine.Training.Gguf;

/// <summary>Collects metadata and F32 tensors and writes them as a GGUF file, version 3, aligned to 32 bytes.</summary>
internal sealed class GgufWriter
{
    public const uint Magic = 0x46554747, Version = 3;
    public const int Alignment = 32;

    private readonly List<(string Key, GgufType Type, Action<BinaryWriter> Write)> _metadata = [];
    private readonly List<(string Name, int[] Shape, ReadOnlyMemory<float> Data)> _tensors = [];

    public void Add(string key, uint value) => _metadata.Add((key, GgufType.UInt32, writer => writer.Write(value)));

    public void Add(string key, float value) => _metadata.Add((key, GgufType.Float32, writer => writer.Write(value)));

    public void Add(string key, string value) => _metadata.Add((key, GgufType.Text, writer => Write(writer, value)));

    public void Add(string key, IReadOnlyList<string> values) => AddArray(key, GgufType.Text, values, Write);

    public void Add(string key, IReadOnlyList<float> values) => AddArray(key, GgufType.Float32, values, (writer, value) => writer.Write(value));

    public void Add(string key, IReadOnlyList<int> values) => AddArray(key, GgufType.Int32, values, (writer, value) => writer.Write(value));

    /// <summary>Adds a tensor; the shape begins with the dimension that runs fastest.</summary>
    public void AddTensor(string name, ReadOnlyMemory<float> data, params int[] shape)
    {
        if (shape.Aggregate(1L, (product, size) => product * size) != data.Length)
            throw new ArgumentException($"{name} has {data.Length} values, not {string.Join('×', shape)}.", nameof(data));
        _tensors.Add((name, shape, data));
    }

    public void Write(string file)
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
        foreach (var (name, shape, data) in _tensors)
        {
            Write(writer, name);
            writer.Write((uint)shape.Length);
            foreach (var size in shape)
                writer.Write((ulong)size);
            writer.Write(0u);
            writer.Write((ulong)offset);
            offset += Padded((long)data.Length * sizeof(float));
        }

        foreach (var (_, _, data) in _tensors)
        {
            Pad(writer);
            writer.Write(MemoryMarshal.AsBytes(data.Span));
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

    private static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
