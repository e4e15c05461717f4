using System.Text;
using System.Text.Json;

namespace VoiceConsole.Tests.Support;

/// <summary>stories260K, which comes in the format of llama2.c, as Hugging Face's library would write it.</summary>
internal static class StoriesFolder
{
    public static string Write(TempFolder parent)
    {
        var folder = Directory.CreateDirectory(parent / "stories").FullName;
        using var reader = new BinaryReader(File.OpenRead(TestData.Require("models/stories260K.bin")));
        var (width, hidden, layers, heads, keyHeads, vocabulary, context) = (
            reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        var keys = width / heads * keyHeads;
        var tensors = new Dictionary<string, PlainTensor> { ["model.embed_tokens.weight"] = Take(vocabulary, width) };
        AddLayers("input_layernorm", width);
        AddLayers("self_attn.q_proj", width, width);
        AddLayers("self_attn.k_proj", keys, width);
        AddLayers("self_attn.v_proj", keys, width);
        AddLayers("self_attn.o_proj", width, width);
        AddLayers("post_attention_layernorm", width);
        AddLayers("mlp.gate_proj", hidden, width);
        AddLayers("mlp.down_proj", width, hidden);
        AddLayers("mlp.up_proj", hidden, width);
        tensors["model.norm.weight"] = Take(width);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), tensors);
        WriteJson("config.json", new
        {
            model_type = "llama",
            hidden_act = "silu",
            hidden_size = width,
            intermediate_size = hidden,
            num_hidden_layers = layers,
            num_attention_heads = heads,
            num_key_value_heads = keyHeads,
            max_position_embeddings = context,
            rms_norm_eps = 1e-5,
            tie_word_embeddings = true,
            vocab_size = vocabulary,
            bos_token_id = 1,
            eos_token_id = new[] { 2 },
        });
        WriteJson("tokenizer.json", Tokenizer(vocabulary));
        return folder;

        void AddLayers(string name, params int[] shape)
        {
            for (var layer = 0; layer < layers; layer++)
            {
                var tensor = Take(shape);
                tensors[$"model.layers.{layer}.{name}.weight"] = name.Contains("q_proj", StringComparison.Ordinal) ? HalvesApart(tensor, heads) : name.Contains("k_proj", StringComparison.Ordinal) ? HalvesApart(tensor, keyHeads) : tensor;
            }
        }

        PlainTensor Take(params int[] shape) => new(shape, [.. Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => reader.ReadSingle())]);

        void WriteJson(string name, object value) => File.WriteAllText(Path.Combine(folder, name), JsonSerializer.Serialize(value));
    }

    // llama2.c turns neighbours, the library values that lie half a head apart.
    private static PlainTensor HalvesApart(PlainTensor tensor, int heads)
    {
        var (rows, width) = (tensor.Shape[0], tensor.Shape[1]);
        var size = rows / heads;
        var moved = new float[tensor.Values.Length];
        for (var row = 0; row < rows; row++)
        {
            var (head, within) = (row / size, row % size);
            tensor.Values.AsSpan(row * width, width).CopyTo(moved.AsSpan(((head * size) + (within % 2 * (size / 2)) + (within / 2)) * width));
        }

        return tensor with { Values = moved };
    }

    // As the library derives merges from a SentencePiece model: every way to make a token of two, the best tokens first.
    private static object Tokenizer(int count)
    {
        using var reader = new BinaryReader(File.OpenRead(TestData.Require("models/tok512.bin")));
        reader.ReadInt32();
        var (tokens, scores) = (new List<string>(), new Dictionary<string, float>());
        for (var i = 0; i < count; i++)
        {
            var score = reader.ReadSingle();
            var text = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()));
            tokens.Add(i switch { 0 => "<unk>", 1 => "<s>", 2 => "</s>", _ => text.Replace(' ', '▁') });
            if (i > 2 && !text.StartsWith("<0x", StringComparison.Ordinal))
                scores[tokens[^1]] = score;
        }

        var merges = scores.SelectMany(s => Enumerable.Range(1, s.Key.Length - 1).Select(at => (Left: s.Key[..at], Right: s.Key[at..], s.Value)))
            .Where(m => scores.ContainsKey(m.Left) && scores.ContainsKey(m.Right)).OrderByDescending(m => m.Value).Select(m => $"{m.Left} {m.Right}");
        return new
        {
            added_tokens = new object[] { new { id = 0, content = "<unk>", special = true }, new { id = 1, content = "<s>", special = true }, new { id = 2, content = "</s>", special = true } },
            pre_tokenizer = new { type = "Metaspace", replacement = "▁", prepend_scheme = "always" },
            post_processor = new { type = "TemplateProcessing", single = new object[] { new { SpecialToken = new { id = "<s>", type_id = 0 } } } },
            model = new { type = "BPE", byte_fallback = true, unk_token = "<unk>", vocab = tokens.Index().ToDictionary(t => t.Item, t => t.Index), merges = merges.ToArray() },
        };
    }
}
