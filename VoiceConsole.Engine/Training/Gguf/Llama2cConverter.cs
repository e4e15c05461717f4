using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using VoiceConsole.Engine.Training.Base;

namespace VoiceConsole.Engine.Training.Gguf;

/// <summary>Turns a llama2.c checkpoint (the version without magic number) and its tokenizer into a GGUF file of F32.</summary>
public static class Llama2cConverter
{
    private const int HeaderBytes = 28;

    /// <param name="checkpoint">The weights.</param>
    /// <param name="tokenizer">The tokenizer of the same vocabulary.</param>
    /// <param name="ggufFile">Written or overwritten.</param>
    /// <param name="chatTemplate">The template that chats with the model follow, if it was trained for them.</param>
    /// <exception cref="InvalidDataException">A file is cut short or not of this kind.</exception>
    public static void Convert(string checkpoint, string tokenizer, string ggufFile, string? chatTemplate = null)
    {
        var bytes = File.ReadAllBytes(checkpoint);
        if (bytes.Length < HeaderBytes)
            throw new InvalidDataException($"{Path.GetFileName(checkpoint)} is too short for a llama2.c checkpoint.");
        var header = MemoryMarshal.Cast<byte, int>(bytes.AsSpan(0, HeaderBytes)).ToArray();
        var (dim, hidden, layers, heads, kvHeads, context) = (header[0], header[1], header[2], header[3], header[4], header[6]);
        var vocabulary = Math.Abs(header[5]);
        if (dim <= 0 || hidden <= 0 || layers <= 0 || heads <= 0 || kvHeads <= 0 || context <= 0 || dim % heads != 0 || vocabulary == 0)
            throw new InvalidDataException($"{Path.GetFileName(checkpoint)} is not a llama2.c checkpoint: its header makes no sense.");

        var gguf = new GgufWriter();
        new LlamaShape(dim, hidden, layers, heads, kvHeads, context).AddTo(gguf, Path.GetFileNameWithoutExtension(checkpoint));
        AddVocabulary(gguf, tokenizer, vocabulary);
        if (chatTemplate is not null)
            gguf.Add("tokenizer.chat_template", chatTemplate);

        var weights = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(HeaderBytes)).ToArray();
        var next = 0;
        var kvDim = dim / heads * kvHeads;
        var embedding = Take(vocabulary * dim);
        gguf.AddTensor("token_embd.weight", embedding, dim, vocabulary);
        AddLayers("attn_norm", dim);
        AddLayers("attn_q", dim, dim);
        AddLayers("attn_k", dim, kvDim);
        AddLayers("attn_v", dim, kvDim);
        AddLayers("attn_output", dim, dim);
        AddLayers("ffn_norm", dim);
        AddLayers("ffn_gate", dim, hidden);
        AddLayers("ffn_down", hidden, dim);
        AddLayers("ffn_up", dim, hidden);
        gguf.AddTensor("output_norm.weight", Take(dim), dim);
        // Tables of the rotations, which every reader computes for itself.
        if (header[5] < 0)
            Take(context * (dim / heads));
        gguf.AddTensor("output.weight", header[5] < 0 ? Take(vocabulary * dim) : embedding, dim, vocabulary);
        gguf.Write(ggufFile);

        void AddLayers(string name, params int[] shape)
        {
            for (var layer = 0; layer < layers; layer++)
                gguf.AddTensor($"blk.{layer}.{name}.weight", Take(shape.Aggregate((a, b) => a * b)), shape);
        }

        ReadOnlyMemory<float> Take(int count)
        {
            if (count > weights.Length - next)
                throw new InvalidDataException($"{Path.GetFileName(checkpoint)} is truncated.");
            next += count;
            return weights.AsMemory(next - count, count);
        }
    }

    private static void AddVocabulary(GgufWriter gguf, string file, int count)
    {
        const int Normal = 1, Unknown = 2, Control = 3, Byte = 6;
        using var reader = new BinaryReader(File.OpenRead(file));
        var tokens = new string[count];
        var scores = new float[count];
        var types = new int[count];
        try
        {
            reader.ReadUInt32();
            for (var i = 0; i < count; i++)
            {
                scores[i] = reader.ReadSingle();
                var token = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()));
                (tokens[i], types[i]) = i switch
                {
                    0 => ("<unk>", Unknown),
                    1 => ("<s>", Control),
                    2 => ("</s>", Control),
                    _ when token.Length == 0 => (string.Create(CultureInfo.InvariantCulture, $"<empty{i}>"), Control),
                    _ when token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) => (token, Byte),
                    _ => (token.Replace(' ', '\u2581'), Normal),
                };
            }
        }
        catch (Exception error) when (error is EndOfStreamException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"{Path.GetFileName(file)} does not hold the {count} tokens of the checkpoint.", error);
        }

        gguf.Add("tokenizer.ggml.model", "llama");
        gguf.Add("tokenizer.ggml.tokens", tokens);
        gguf.Add("tokenizer.ggml.scores", scores);
        gguf.Add("tokenizer.ggml.token_type", types);
        gguf.Add("tokenizer.ggml.unknown_token_id", 0u);
        gguf.Add("tokenizer.ggml.bos_token_id", 1u);
        gguf.Add("tokenizer.ggml.eos_token_id", 2u);
    }
}
