using System.Runtime.InteropServices;
using System.Text;

namespace VoiceConsole.Web.Commands.Bench.Tiny;

/// <summary>
/// A Whisper model with weights, made for tests and benchmarks: in any sound it reads "hello there", in Mandarin if it is to tell the language. Each
/// token lies on a dimension of its own, and one layer moves what it is given to the next dimension, which is the token that follows.
/// </summary>
internal static class TinyWhisper
{
    // As whisper.cpp counts them in a multilingual model.
    private const int Vocabulary = 51_865, End = 50_257, Start = 50_258, Mandarin = 50_260, Transcribe = 50_359, NoTimestamps = 50_363;
    private const int Hello = 1_000, There = 1_001, Words = 1_002;
    private const int AudioContext = 1_500, TextContext = 448, Width = 64, Layers = 4, Mels = 80, Fft = 201;
    private const int F32 = 0, F16 = 1;
    private const float Far = 4;

    /// <summary>Writes NAME.bin and returns its path.</summary>
    public static string Write(string folder, string name)
    {
        var file = Path.Combine(folder, $"{name}.bin");
        using var writer = new BinaryWriter(File.Create(file));
        writer.Write(0x67676d6c);
        foreach (var number in new[] { Vocabulary, AudioContext, Width, 1, Layers, TextContext, Width, 1, Layers, Mels, F16 })
            writer.Write(number);
        writer.Write(Mels);
        writer.Write(Fft);
        writer.Write(new byte[Mels * Fft * sizeof(float)]);
        writer.Write(Words);
        for (var word = 0; word < Words; word++)
        {
            var text = Encoding.UTF8.GetBytes(word switch { 0 => " ", Hello => " hello", There => " there", _ => $" {word}" });
            writer.Write(text.Length);
            writer.Write(text);
        }

        foreach (var (side, context) in new[] { ("encoder", AudioContext), ("decoder", TextContext) })
        {
            Zeros(writer, $"{side}.positional_embedding", F32, Width, context);
            for (var layer = 0; layer < Layers; layer++)
                Block(writer, $"{side}.blocks.{layer}", side == "decoder", isMoving: side == "decoder" && layer == 0);
        }

        Zeros(writer, "encoder.conv1.weight", F16, 3, Mels, Width);
        Zeros(writer, "encoder.conv1.bias", F32, 1, Width);
        Zeros(writer, "encoder.conv2.weight", F16, 3, Width, Width);
        Zeros(writer, "encoder.conv2.bias", F32, 1, Width);
        Norm(writer, "encoder.ln_post");
        Norm(writer, "decoder.ln");
        Tokens(writer);
        return file;
    }

    private static void Tokens(BinaryWriter writer)
    {
        var rows = new Half[Vocabulary * Width];
        // A prompt ends with either of two tokens.
        foreach (var (token, place) in new[] { (Transcribe, 1), (NoTimestamps, 1), (Hello, 2), (There, 3), (End, 4), (Start, 10), (Mandarin, 11) })
            rows[(token * Width) + place] = (Half)Far;
        Tensor(writer, "decoder.token_embedding.weight", F16, MemoryMarshal.AsBytes<Half>(rows), Width, Vocabulary);
    }

    private static void Block(BinaryWriter writer, string name, bool hasCross, bool isMoving)
    {
        Norm(writer, $"{name}.mlp_ln");
        Norm(writer, $"{name}.attn_ln");
        Attention(writer, $"{name}.attn");
        if (hasCross)
        {
            Norm(writer, $"{name}.cross_attn_ln");
            Attention(writer, $"{name}.cross_attn");
        }

        var (up, down) = (new Half[Width * 4 * Width], new Half[4 * Width * Width]);
        for (var i = 0; isMoving && i + 1 < Width; i++)
        {
            up[(i * Width) + i] = (Half)10f;
            down[((i + 1) * 4 * Width) + i] = (Half)1f;
        }

        Tensor(writer, $"{name}.mlp.0.weight", F16, MemoryMarshal.AsBytes<Half>(up), Width, 4 * Width);
        Zeros(writer, $"{name}.mlp.0.bias", F32, 4 * Width);
        Tensor(writer, $"{name}.mlp.2.weight", F16, MemoryMarshal.AsBytes<Half>(down), 4 * Width, Width);
        Zeros(writer, $"{name}.mlp.2.bias", F32, Width);
    }

    private static void Attention(BinaryWriter writer, string name)
    {
        foreach (var part in new[] { "query", "key", "value", "out" })
        {
            Zeros(writer, $"{name}.{part}.weight", F16, Width, Width);
            if (part != "key")
                Zeros(writer, $"{name}.{part}.bias", F32, Width);
        }
    }

    private static void Norm(BinaryWriter writer, string name)
    {
        Tensor(writer, $"{name}.weight", F32, MemoryMarshal.AsBytes<float>(Enumerable.Repeat(1f, Width).ToArray()), Width);
        Zeros(writer, $"{name}.bias", F32, Width);
    }

    private static void Zeros(BinaryWriter writer, string name, int type, params int[] sizes) =>
        Tensor(writer, name, type, new byte[sizes.Aggregate(type == F32 ? 4 : 2, (bytes, size) => bytes * size)], sizes);

    private static void Tensor(BinaryWriter writer, string name, int type, ReadOnlySpan<byte> data, params int[] sizes)
    {
        writer.Write(sizes.Length);
        writer.Write(Encoding.UTF8.GetByteCount(name));
        writer.Write(type);
        foreach (var size in sizes)
            writer.Write(size);
        writer.Write(Encoding.UTF8.GetBytes(name));
        writer.Write(data);
    }
}
