using System.Text;

namespace VoiceConsole.Engine.Models;

/// <summary>What an ONNX file says of itself, read without its weights: a file that is whole, before native code, which may end the process, sees it.</summary>
/// <param name="Metadata">The texts its maker added, by key.</param>
/// <param name="Inputs">Names of what it takes.</param>
/// <param name="Outputs">Names of what it gives.</param>
internal sealed record OnnxHead(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs)
{
    // Field numbers of ONNX' ModelProto, GraphProto, ValueInfoProto and StringStringEntryProto.
    private const int Graph = 7, Properties = 14, GraphInput = 11, GraphOutput = 12, Name = 1, Key = 1, Value = 2;
    private const int Varint = 0, EightBytes = 1, Message = 2, FourBytes = 5;
    private const int LongestText = 1_000_000;

    /// <exception cref="InvalidDataException">Not ONNX, or cut short.</exception>
    public static OnnxHead Read(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new BinaryReader(stream);
        var (metadata, inputs, outputs) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<string>(), new List<string>());
        var hasGraph = false;
        try
        {
            foreach (var (field, end) in Fields(reader, stream.Length))
            {
                if (field == Properties)
                {
                    var (key, value) = ("", "");
                    foreach (var (part, last) in Fields(reader, end))
                        (key, value) = (part == Key ? Text(reader, last) : key, part == Value ? Text(reader, last) : value);
                    metadata[key] = value;
                }
                else if (field == Graph)
                {
                    hasGraph = true;
                    foreach (var (part, last) in Fields(reader, end))
                    {
                        if (part is GraphInput or GraphOutput)
                            (part == GraphInput ? inputs : outputs).Add(NameOf(reader, last));
                    }
                }
            }
        }
        catch (Exception error) when (error is EndOfStreamException or OverflowException or FormatException)
        {
            throw new InvalidDataException($"{Path.GetFileName(file)} is no ONNX model, or it is cut short: it has {stream.Length} bytes. Fetch it again.", error);
        }

        return hasGraph && outputs.Count > 0 ? new OnnxHead(metadata, inputs, outputs)
            : throw new InvalidDataException($"{Path.GetFileName(file)} is no ONNX model: it has no graph. Fetch it again.");
    }

    private static string NameOf(BinaryReader reader, long end)
    {
        var name = "";
        foreach (var (field, last) in Fields(reader, end))
            name = field == Name ? Text(reader, last) : name;
        return name;
    }

    // The messages and texts up to the end given; what the caller does not read is passed over.
    private static IEnumerable<(int Field, long End)> Fields(BinaryReader reader, long end)
    {
        var stream = reader.BaseStream;
        while (stream.Position < end)
        {
            var tag = Number(reader);
            var isMessage = (tag & 7) == Message;
            var length = (tag & 7) switch
            {
                Varint => Skip(reader),
                EightBytes => 8ul,
                FourBytes => 4ul,
                Message => Number(reader),
                _ => throw new OverflowException(),
            };
            if (length > (ulong)Math.Max(0, end - stream.Position))
                throw new EndOfStreamException();
            var next = stream.Position + (long)length;
            if (isMessage)
                yield return (checked((int)(tag >> 3)), next);
            stream.Position = next;
        }
    }

    private static ulong Number(BinaryReader reader) => (ulong)reader.Read7BitEncodedInt64();

    private static ulong Skip(BinaryReader reader)
    {
        Number(reader);
        return 0;
    }

    private static string Text(BinaryReader reader, long end)
    {
        var length = end - reader.BaseStream.Position;
        return length <= LongestText ? Encoding.UTF8.GetString(reader.ReadBytes((int)length)) : "";
    }
}
