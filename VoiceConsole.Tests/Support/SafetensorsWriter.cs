using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VoiceConsole.Tests.Support;

/// <summary>A tensor for a safetensors file.</summary>
/// <param name="Shape">The dimension that runs fastest last.</param>
internal sealed record PlainTensor(int[] Shape, float[] Values);

/// <summary>Writes safetensors files, good and bad.</summary>
internal static class SafetensorsWriter
{
    /// <param name="type">"F32", "F16" or "BF16".</param>
    public static void Write(string file, IEnumerable<KeyValuePair<string, PlainTensor>> tensors, string type = "F32")
    {
        var data = new MemoryStream();
        var head = new Dictionary<string, object> { ["__metadata__"] = new { format = "pt" } };
        foreach (var (name, tensor) in tensors)
        {
            var start = data.Length;
            foreach (var value in tensor.Values)
                data.Write(Bytes(value, type));
            head[name] = new { dtype = type, shape = tensor.Shape, data_offsets = new[] { start, data.Length } };
        }

        WriteRaw(file, JsonSerializer.Serialize(head), data.ToArray());
    }

    /// <param name="length">What the file claims of its head; null for the truth.</param>
    public static void WriteRaw(string file, string head, byte[] data, ulong? length = null)
    {
        var text = Encoding.UTF8.GetBytes(head);
        var first = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(first, length ?? (ulong)text.Length);
        File.WriteAllBytes(file, [.. first, .. text, .. data]);
    }

    /// <summary>The value as the type keeps it.</summary>
    public static float Rounded(float value, string type) => type switch
    {
        "F16" => (float)(Half)value,
        "BF16" => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xffff0000),
        _ => value,
    };

    private static byte[] Bytes(float value, string type) => type switch
    {
        "F32" => BitConverter.GetBytes(value),
        "F16" => BitConverter.GetBytes((Half)value),
        "BF16" => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)),
        _ => throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"unknown type {type}"), nameof(type)),
    };
}
