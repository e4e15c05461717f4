using System.Globalization;
using System.Text.Json;

namespace VoiceConsole.Tests.Support;

/// <summary>A folder as Hugging Face's library writes it, with a model of random weights.</summary>
internal sealed class TinyHuggingFace
{
    public const int Width = 32, Hidden = 48, Layers = 2, Heads = 4, KeyHeads = 2, Vocabulary = 288;
    public const double Epsilon = 1e-5, Frequency = 50_000;

    public const string QwenSplit = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private readonly string _family;
    private readonly string _type;

    /// <param name="family">"llama" or "qwen2".</param>
    /// <param name="type">"F32", "F16" or "BF16".</param>
    public TinyHuggingFace(string family, bool isTied, string type = "F32")
    {
        (_family, _type) = (family, type);
        var random = new Random(11);
        void Add(string name, params int[] shape) => Tensors[name] = new PlainTensor(
            shape, [.. Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => SafetensorsWriter.Rounded((shape.Length == 1 && name.Contains("norm", StringComparison.Ordinal) ? 1 : 0) + ((random.NextSingle() - 0.5f) * 0.6f), type))]);
        Add("model.embed_tokens.weight", Vocabulary, Width);
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            Add(name + "input_layernorm.weight", Width);
            foreach (var (part, rows) in new[] { ("q", Width), ("k", Width / Heads * KeyHeads), ("v", Width / Heads * KeyHeads) })
            {
                Add($"{name}self_attn.{part}_proj.weight", rows, Width);
                if (family == "qwen2")
                    Add($"{name}self_attn.{part}_proj.bias", rows);
            }

            Add(name + "self_attn.o_proj.weight", Width, Width);
            Add(name + "post_attention_layernorm.weight", Width);
            Add(name + "mlp.gate_proj.weight", Hidden, Width);
            Add(name + "mlp.up_proj.weight", Hidden, Width);
            Add(name + "mlp.down_proj.weight", Width, Hidden);
        }

        Add("model.norm.weight", Width);
        if (!isTied)
            Add("lm_head.weight", Vocabulary, Width);
        Config = new Dictionary<string, object?>
        {
            ["model_type"] = family,
            ["hidden_act"] = "silu",
            ["hidden_size"] = Width,
            ["intermediate_size"] = Hidden,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyHeads,
            ["max_position_embeddings"] = 64,
            ["rms_norm_eps"] = Epsilon,
            ["rope_theta"] = Frequency,
            ["tie_word_embeddings"] = isTied,
            ["vocab_size"] = Vocabulary,
        };
        Tokenizer = family == "qwen2" ? ByteTokenizer() : PieceTokenizer();
    }

    public Dictionary<string, PlainTensor> Tensors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, object?> Config { get; }

    public Dictionary<string, object?> Tokenizer { get; set; }

    /// <param name="shards">Files that the tensors are spread over.</param>
    public string Write(TempFolder parent, string name, int shards = 1)
    {
        var folder = Directory.CreateDirectory(parent / name).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(Config));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), JsonSerializer.Serialize(Tokenizer));
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), JsonSerializer.Serialize(_family == "qwen2"
            ? new { eos_token = "<|im_end|>", bos_token = (string?)null, add_bos_token = false, chat_template = "{{ messages[0].content }}" }
            : (object)new { bos_token = "<s>", eos_token = new { content = "</s>" }, unk_token = "<unk>", add_bos_token = true }));
        File.WriteAllText(Path.Combine(folder, "README.md"), "---\nlanguage: en\nlicense: apache-2.0\n---\n# Tiny\n");
        if (shards == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), Tensors, _type);
            return folder;
        }

        var map = new Dictionary<string, string>();
        foreach (var (at, part) in Tensors.Chunk((Tensors.Count + shards - 1) / shards).Index())
        {
            var file = string.Create(CultureInfo.InvariantCulture, $"model-{at + 1:00000}-of-{shards:00000}.safetensors");
            SafetensorsWriter.Write(Path.Combine(folder, file), part, _type);
            foreach (var tensor in part)
                map[tensor.Key] = file;
        }

        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = map }));
        return folder;
    }

    // As GPT-2 writes bytes: those that can be seen as they are, the others from 256 on.
    public static char OfByte(byte value)
    {
        static bool IsSeen(int b) => b is (>= '!' and <= '~') or (>= 0xa1 and <= 0xac) or (>= 0xae and <= 0xff);
        return (char)(IsSeen(value) ? value : 256 + Enumerable.Range(0, value).Count(b => !IsSeen(b)));
    }

    private static Dictionary<string, object?> ByteTokenizer()
    {
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(b => $"{OfByte((byte)b)}"), "ab", "abab", "Ġab"];
        return new Dictionary<string, object?>
        {
            ["added_tokens"] = new object[] { new { id = 259, content = "<|endoftext|>", special = true }, new { id = 260, content = "<|im_end|>", special = true }, new { id = 261, content = "<tool>", special = false } },
            ["pre_tokenizer"] = new { type = "Sequence", pretokenizers = new object[] { new { type = "Split", pattern = new { Regex = QwenSplit }, behavior = "Isolated" }, new { type = "ByteLevel", add_prefix_space = false, use_regex = false } } },
            ["model"] = new { type = "BPE", byte_fallback = false, vocab = tokens.Index().ToDictionary(t => t.Item, t => t.Index), merges = new object[] { "a b", new[] { "ab", "ab" }, "Ġ ab" } },
        };
    }

    private static Dictionary<string, object?> PieceTokenizer()
    {
        List<string> tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(b => $"<0x{b.ToString("X2", CultureInfo.InvariantCulture)}>"), "▁", "a", "b", "ab", "▁ab", "abab"];
        return new Dictionary<string, object?>
        {
            ["added_tokens"] = new object[] { new { id = 0, content = "<unk>", special = true }, new { id = 1, content = "<s>", special = true }, new { id = 2, content = "</s>", special = true } },
            ["normalizer"] = new { type = "Sequence", normalizers = new object[] { new { type = "Prepend", prepend = "▁" }, new { type = "Replace", pattern = new { String = " " }, content = "▁" } } },
            ["model"] = new { type = "BPE", byte_fallback = true, unk_token = "<unk>", vocab = tokens.Index().ToDictionary(t => t.Item, t => t.Index), merges = new object[] { "a b", "▁ ab", "ab ab" } },
        };
    }
}
