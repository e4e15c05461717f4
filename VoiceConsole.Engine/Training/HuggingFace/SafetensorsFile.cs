using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace VoiceConsole.Engine.Training.HuggingFace;

/// <summary>A file of tensors in the format safetensors. Its head is checked in full before any tensor is read by it.</summary>
internal sealed class SafetensorsFile : IDisposable
{
    // The format's own limit.
    private const int LongestHead = 100_000_000;
    private const int LengthBytes = 8;
    private const string Metadata = "__metadata__";

    private static readonly Dictionary<string, int> s_bytes = new(StringComparer.Ordinal)
    {
        ["F64"] = 8,
        ["F32"] = 4,
        ["F16"] = 2,
        ["BF16"] = 2,
        ["I64"] = 8,
        ["I32"] = 4,
        ["I16"] = 2,
        ["I8"] = 1,
        ["U8"] = 1,
        ["BOOL"] = 1,
        ["F8_E4M3"] = 1,
        ["F8_E5M2"] = 1,
        ["U16"] = 2,
        ["U32"] = 4,
        ["U64"] = 8,
    };

    private readonly SafeFileHandle _handle;

    /// <exception cref="InvalidDataException">The head is damaged, lies about sizes, or has tensors that overlap or lie outside the file.</exception>
    public SafetensorsFile(string file)
    {
        Name = Path.GetFileName(file);
        _handle = File.OpenHandle(file);
        try
        {
            Tensors = ReadHead();
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    public string Name { get; }

    public IReadOnlyDictionary<string, SafeTensor> Tensors { get; }

    /// <summary>Fills the buffer with the tensor's bytes from an offset on.</summary>
    /// <exception cref="InvalidDataException">The file has become shorter since it was opened.</exception>
    public void Read(SafeTensor tensor, long offset, Span<byte> into)
    {
        for (var read = 0; read < into.Length;)
        {
            var count = RandomAccess.Read(_handle, into[read..], tensor.Start + offset + read);
            read += count > 0 ? count : throw Damaged("it became shorter while it was read");
        }
    }

    public void Dispose() => _handle.Dispose();

    private Dictionary<string, SafeTensor> ReadHead()
    {
        var size = RandomAccess.GetLength(_handle);
        Span<byte> first = stackalloc byte[LengthBytes];
        if (RandomAccess.Read(_handle, first, 0) < LengthBytes)
            throw Damaged("it is too short");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(first);
        if (length > LongestHead)
            throw Damaged($"its head claims {length} bytes, and {LongestHead} are the most");
        if ((long)length > size - LengthBytes)
            throw Damaged($"its head claims {length} bytes, and the whole file has {size}");
        var head = new byte[length];
        for (var read = 0; read < head.Length;)
        {
            var count = RandomAccess.Read(_handle, head.AsSpan(read), LengthBytes + read);
            read += count > 0 ? count : throw Damaged("it is too short");
        }

        try
        {
            using var json = JsonDocument.Parse(head);
            return Check(json.RootElement, LengthBytes + (long)length, size);
        }
        // Text that is no Unicode is an invalid operation to the parser.
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw Damaged("its head is no JSON", error);
        }
    }

    private Dictionary<string, SafeTensor> Check(JsonElement head, long start, long size)
    {
        if (head.ValueKind != JsonValueKind.Object)
            throw Damaged("its head is no JSON object");
        var tensors = new Dictionary<string, SafeTensor>(StringComparer.Ordinal);
        foreach (var entry in head.EnumerateObject().Where(e => e.Name != Metadata))
        {
            if (!tensors.TryAdd(entry.Name, TensorOf(entry, start, size - start)))
                throw Damaged($"it names the tensor '{entry.Name}' twice");
        }

        // One after the other, without a gap: so the format wants it, and nothing can hide between.
        var end = start;
        foreach (var (name, tensor) in tensors.OrderBy(t => t.Value.Start).ThenBy(t => t.Value.Bytes))
        {
            if (tensor.Start != end)
                throw Damaged($"the tensor '{name}' {(tensor.Start < end ? "overlaps another" : "comes after a gap")}");
            end += tensor.Bytes;
        }

        return end == size ? tensors : throw Damaged($"its tensors end at byte {end}, and the file at byte {size}");
    }

    private SafeTensor TensorOf(JsonProperty entry, long start, long dataBytes)
    {
        if (entry.Value.ValueKind != JsonValueKind.Object
            || !entry.Value.TryGetProperty("dtype", out var type) || type.ValueKind != JsonValueKind.String
            || !entry.Value.TryGetProperty("shape", out var shape) || Numbers(shape) is not { } sizes
            || !entry.Value.TryGetProperty("data_offsets", out var offsets) || Numbers(offsets) is not [var from, var to])
        {
            throw Damaged($"the tensor '{entry.Name}' lacks a type, a shape or its two offsets");
        }

        if (!s_bytes.TryGetValue(type.GetString()!, out var ofValue))
            throw Damaged($"the tensor '{entry.Name}' is of the unknown type '{type.GetString()}'");
        if (from > to || to > dataBytes)
            throw Damaged($"the tensor '{entry.Name}' lies outside the file, at bytes {from} to {to} of {dataBytes}");
        var bytes = sizes.Aggregate((Int128)ofValue, (product, value) => product > long.MaxValue ? product : product * value);
        return bytes == to - from
            ? new SafeTensor(this, type.GetString()!, sizes, start + from, to - from)
            : throw Damaged($"the tensor '{entry.Name}' of shape {string.Join('×', sizes)} needs {bytes} bytes and has {to - from}");
    }

    // Whole numbers that are not negative; null for anything else.
    private static List<long>? Numbers(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array)
            return null;
        var numbers = new List<long>();
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0)
                return null;
            numbers.Add(number);
        }

        return numbers;
    }

    private InvalidDataException Damaged(string why, Exception? inner = null) => new($"{Name} is damaged: {why}. Fetch it again.", inner);
}

/// <summary>Where a tensor lies.</summary>
/// <param name="Type">"F32", "F16", "BF16" or another of the format's names.</param>
/// <param name="Shape">The dimension that runs fastest last.</param>
/// <param name="Start">Of its first byte in the file.</param>
internal sealed record SafeTensor(SafetensorsFile File, string Type, IReadOnlyList<long> Shape, long Start, long Bytes);
