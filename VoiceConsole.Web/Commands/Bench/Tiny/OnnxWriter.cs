using System.Runtime.InteropServices;
using System.Text;

namespace VoiceConsole.Web.Commands.Bench.Tiny;

/// <summary>Writes small ONNX models: protobuf by hand, the fields of onnx.proto that a graph needs.</summary>
internal sealed class OnnxWriter
{
    public const int Float = 1, Int32 = 6, Int64 = 7;

    private readonly List<byte> _nodes = [], _initializers = [], _inputs = [], _outputs = [], _metadata = [];

    public void Input(string name, int type, params string[] shape) => Field(_inputs, 11, Port(name, type, shape));

    public void Output(string name, int type, params string[] shape) => Field(_outputs, 12, Port(name, type, shape));

    public void Metadata(string key, string value) => Field(_metadata, 14, Message(m => { Text(m, 1, key); Text(m, 2, value); }));

    public void Constant(string name, float[] values, params long[] shape) => Constant(name, Float, MemoryMarshal.AsBytes<float>(values), shape);

    public void Constant(string name, long[] values, params long[] shape) => Constant(name, Int64, MemoryMarshal.AsBytes<long>(values), shape);

    /// <summary>One operation; whole numbers are its attributes.</summary>
    public void Node(string operation, string[] inputs, string output, params (string Name, long Value)[] attributes) => Field(_nodes, 1, Message(node =>
    {
        foreach (var input in inputs)
            Text(node, 1, input);
        Text(node, 2, output);
        Text(node, 4, operation);
        foreach (var (name, value) in attributes)
            Field(node, 5, Message(m => { Text(m, 1, name); Number(m, 3, value); Number(m, 20, 2); }));
    }));

    public void Write(string file)
    {
        var model = new List<byte>();
        Number(model, 1, 8);
        Field(model, 7, Message(graph =>
        {
            graph.AddRange(_nodes);
            Text(graph, 2, "made for a test");
            foreach (var part in new[] { _initializers, _inputs, _outputs })
                graph.AddRange(part);
        }));
        Field(model, 8, Message(opset => Number(opset, 2, 13)));
        model.AddRange(_metadata);
        File.WriteAllBytes(file, [.. model]);
    }

    private void Constant(string name, int type, ReadOnlySpan<byte> bytes, long[] shape)
    {
        var raw = bytes.ToArray();
        Field(_initializers, 5, Message(tensor =>
        {
            foreach (var size in shape)
                Number(tensor, 1, size);
            Number(tensor, 2, type);
            Text(tensor, 8, name);
            Field(tensor, 9, raw);
        }));
    }

    private static byte[] Port(string name, int type, string[] shape) => Message(port =>
    {
        Text(port, 1, name);
        Field(port, 2, Message(typed => Field(typed, 1, Message(tensor =>
        {
            Number(tensor, 1, type);
            Field(tensor, 2, Message(dimensions =>
            {
                foreach (var size in shape)
                    Field(dimensions, 1, Message(d => { if (long.TryParse(size, out var fixedSize)) Number(d, 1, fixedSize); else Text(d, 2, size); }));
            }));
        }))));
    });

    private static byte[] Message(Action<List<byte>> write)
    {
        var stream = new List<byte>();
        write(stream);
        return [.. stream];
    }

    private static void Text(List<byte> stream, int field, string text) => Field(stream, field, Encoding.UTF8.GetBytes(text));

    private static void Field(List<byte> stream, int field, byte[] content)
    {
        Varint(stream, (ulong)((field << 3) | 2));
        Varint(stream, (ulong)content.Length);
        stream.AddRange(content);
    }

    private static void Number(List<byte> stream, int field, long value)
    {
        Varint(stream, (ulong)(field << 3));
        Varint(stream, (ulong)value);
    }

    private static void Varint(List<byte> stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.Add((byte)(value | 0x80));
        stream.Add((byte)value);
    }
}
