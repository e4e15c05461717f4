using System.Buffers.Binary;
using System.Text.Json;
using System.Text.RegularExpressions;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.HuggingFace;

/// <summary>Turns a model's folder of the Llama or Qwen2 family, as Hugging Face's library keeps it, into a GGUF file.</summary>
public static partial class HuggingFaceConverter
{
    private const int Piece = 1 << 20;

    private static readonly Dictionary<string, string> s_parts = new(StringComparer.Ordinal)
    {
        ["attn_norm"] = "input_layernorm",
        ["attn_q"] = "self_attn.q_proj",
        ["attn_k"] = "self_attn.k_proj",
        ["attn_v"] = "self_attn.v_proj",
        ["attn_output"] = "self_attn.o_proj",
        ["ffn_norm"] = "post_attention_layernorm",
        ["ffn_gate"] = "mlp.gate_proj",
        ["ffn_up"] = "mlp.up_proj",
        ["ffn_down"] = "mlp.down_proj",
    };

    /// <param name="folder">Holds config.json, tokenizer.json and the weights.</param>
    /// <param name="file">Written or overwritten; appears whole or not at all.</param>
    /// <param name="widens">All weights become F32, as training wants them; else each matrix keeps its type.</param>
    /// <exception cref="FileNotFoundException">A file of the model is missing.</exception>
    /// <exception cref="InvalidDataException">The model is damaged, hostile or of another family; nothing was written.</exception>
    /// <exception cref="IOException">The file cannot be written; nothing of it is left.</exception>
    /// <exception cref="UnauthorizedAccessException">The index names a file outside the folder.</exception>
    public static void Convert(string folder, string file, bool widens = false, CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder {folder}.");
        try
        {
            ConvertFolder(folder, file, widens, cancellationToken);
        }
        catch (InvalidOperationException error)
        {
            // So the JSON parser calls it.
            throw new InvalidDataException("A file of the model is damaged: it has text that is no Unicode. Fetch the model again.", error);
        }
    }

    private static void ConvertFolder(string folder, string file, bool widens, CancellationToken cancellationToken)
    {
        using var json = ModelJson.Read(folder, HuggingFaceConfig.File);
        using var tokenizer = ModelJson.Read(folder, HuggingFaceTokenizer.File);
        using var settings = ModelJson.ReadIfThere(folder, "tokenizer_config.json");
        var config = HuggingFaceConfig.Read(json.RootElement);
        using var weights = new SafetensorsFolder(folder);
        var gguf = new GgufWriter();
        config.AddTo(gguf, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        if (Licence(folder) is { } licence)
            gguf.Add("general.license", licence);
        new HuggingFaceTokenizer(tokenizer.RootElement, settings.RootElement, json.RootElement, config.Vocabulary).AddTo(gguf, Template(folder, settings.RootElement));
        AddTensors(gguf, config, weights, widens, cancellationToken);
        gguf.Write(file);
    }

    private static void AddTensors(GgufWriter gguf, HuggingFaceConfig config, SafetensorsFolder weights, bool widens, CancellationToken cancellationToken)
    {
        var left = weights.Tensors.Keys.Where(n => !n.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) && !(config.IsTied && n == "lm_head.weight")).ToHashSet(StringComparer.Ordinal);
        var type = TensorType.F32;
        foreach (var (name, sizes) in config.Shape.Tensors(config.Vocabulary, config.IsTied))
        {
            Add(name, sizes);
            // Qwen2 adds something to queries, keys and values; some Llamas do, too.
            if (BiasOf(name) is { } bias && (config.Family == "qwen2" && !name.Contains("output", StringComparison.Ordinal) || weights.Tensors.ContainsKey(NameOf(bias))))
                Add(bias, sizes[1..]);
        }

        gguf.Add("general.file_type", (uint)type switch { (uint)TensorType.BF16 => 32u, var other => other });
        if (left.Count > 0)
            throw new InvalidDataException($"The model has the tensor '{left.Order(StringComparer.Ordinal).First()}', which no plain {config.Family} has. It cannot be converted.");

        void Add(string name, int[] sizes)
        {
            if (!weights.Tensors.TryGetValue(NameOf(name), out var tensor))
                throw new InvalidDataException($"The model lacks the tensor '{NameOf(name)}'. Fetch it again.");
            left.Remove(NameOf(name));
            if (!tensor.Shape.Reverse().SequenceEqual(sizes.Select(s => (long)s)))
                throw new InvalidDataException($"{tensor.File.Name} does not fit {HuggingFaceConfig.File}: '{NameOf(name)}' is {string.Join('×', tensor.Shape)} and should be {string.Join('×', sizes.Reverse())}.");
            var from = TypeOf(tensor, name);
            // Vectors are few, and readers want them in full.
            var to = widens || sizes.Length == 1 ? TensorType.F32 : from;
            type = sizes.Length > 1 ? to : type;
            gguf.AddTensor(name, to, sizes, stream => Copy(tensor, from, to, Rows(config, name, sizes), stream, cancellationToken));
        }
    }

    private static TensorType TypeOf(SafeTensor tensor, string name) => tensor.Type switch
    {
        "F32" => TensorType.F32,
        "F16" => TensorType.F16,
        "BF16" => TensorType.BF16,
        var other => throw new InvalidDataException($"'{name}' in {tensor.File.Name} is of the type {other}; F32, F16 and BF16 can be converted."),
    };

    /// <summary>The rows of a matrix in the order of the file; null where it stays.</summary>
    private static int[]? Rows(HuggingFaceConfig config, string name, int[] sizes)
    {
        var isQuery = name.Contains(".attn_q.", StringComparison.Ordinal);
        if (config.Family != "llama" || !(isQuery || name.Contains(".attn_k.", StringComparison.Ordinal)))
            return null;
        // What is rotated together lies half a head apart there, and side by side in GGUF files of this family.
        var (rows, half) = (sizes[^1], sizes[^1] / (isQuery ? config.Shape.Heads : config.Shape.KeyHeads) / 2);
        return [.. Enumerable.Range(0, rows).Select(r => (r / (2 * half) * 2 * half) + (r % 2 * half) + (r % (2 * half) / 2))];
    }

    private static void Copy(SafeTensor tensor, TensorType from, TensorType to, int[]? rows, Stream stream, CancellationToken cancellationToken)
    {
        var length = rows is null ? tensor.Bytes : tensor.Bytes / rows.Length;
        var buffer = new byte[Math.Min(length, Piece)];
        foreach (var row in rows ?? [0])
        {
            for (var at = 0L; at < length; at += buffer.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at));
                tensor.File.Read(tensor, (row * length) + at, piece);
                if (from == to)
                    stream.Write(piece);
                else
                    Widen(piece, from, stream);
            }
        }
    }

    private static void Widen(ReadOnlySpan<byte> halves, TensorType from, Stream stream)
    {
        var wide = new byte[halves.Length * 2];
        for (var i = 0; i < halves.Length; i += 2)
        {
            var half = halves.Slice(i, 2);
            var value = from == TensorType.F16
                ? (float)BinaryPrimitives.ReadHalfLittleEndian(half)
                : BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(half) << 16);
            BinaryPrimitives.WriteSingleLittleEndian(wide.AsSpan(i * 2), value);
        }

        stream.Write(wide);
    }

    private static string NameOf(string gguf) => gguf switch
    {
        LlamaShape.Embedding => "model.embed_tokens.weight",
        "output_norm.weight" => "model.norm.weight",
        LlamaShape.Output => "lm_head.weight",
        _ => gguf.Split('.') is ["blk", var block, var part, var kind] ? $"model.layers.{block}.{s_parts[part]}.{kind}" : gguf,
    };

    private static string? BiasOf(string name) => BiasedPart().IsMatch(name) ? name.Replace(".weight", ".bias", StringComparison.Ordinal) : null;

    private static string? Template(string folder, JsonElement settings)
    {
        const string OwnFile = "chat_template.jinja";
        if (File.Exists(Path.Combine(folder, OwnFile)))
            return File.ReadAllText(ConsolePaths.Inside(folder, OwnFile));
        // A text, or several by name.
        if (settings.Get("chat_template") is not { ValueKind: JsonValueKind.Array } several)
            return settings.Text("chat_template");
        return several.EnumerateArray().FirstOrDefault(t => t.Text("name") == "default").Text("template");
    }

    // The model's card begins with a few lines of YAML.
    private static string? Licence(string folder)
    {
        const string Card = "README.md";
        if (!File.Exists(Path.Combine(folder, Card)))
            return null;
        return File.ReadLines(ConsolePaths.Inside(folder, Card)).Take(200).Select(l => LicenceLine().Match(l)).FirstOrDefault(m => m.Success)?.Groups[1].Value;
    }

    [GeneratedRegex(@"\.attn_(q|k|v|output)\.weight$")]
    private static partial Regex BiasedPart();

    [GeneratedRegex(@"^license:\s*([A-Za-z0-9.+-]{1,64})\s*$")]
    private static partial Regex LicenceLine();
}
