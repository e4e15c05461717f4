using System.Runtime.InteropServices;

namespace VoiceConsole.Web.Commands.Bench.Tiny;

internal static partial class TinySherpa
{
    /// <summary>Level that the second speaker of a Kokoro or Kitten voice sits on; the first sits on 0.</summary>
    public const float SecondLevel = 0.25f;

    // The longest text that a Kokoro voice has a style for.
    private const int Longest = 510;

    /// <summary>A Kokoro voice of two speakers: the tones of <see cref="TinyPiper"/>, on a level that the style tells.</summary>
    public static string WriteKokoro(string home, string name) => WriteStyled(home, name, Longest, ("style_dim", $"{Longest},1,1"), ("voice", "en-us"));

    /// <summary>The same as a Kitten voice.</summary>
    public static string WriteKitten(string home, string name) => WriteStyled(home, name, 1, ("style_dim", "1,1"), ("voice", "en-us"), ("model_type", "kitten-tts"));

    /// <summary>A Matcha voice whose vocoder does nothing: the tones of <see cref="TinyPiper"/>.</summary>
    public static string WriteMatcha(string home, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, name)).FullName;
        var acoustic = new OnnxWriter();
        acoustic.Input("x", OnnxWriter.Int64, "1", "phonemes");
        acoustic.Input("x_length", OnnxWriter.Int64, "1");
        acoustic.Input("noise_scale", OnnxWriter.Float, "1");
        acoustic.Input("length_scale", OnnxWriter.Float, "1");
        acoustic.Output("mel", OnnxWriter.Float, "1", "phonemes", $"{TinyPiper.SamplesOfId}");
        AddTones(acoustic, "x", "mel");
        Describe(acoustic, null, ("sample_rate", $"{TinyPiper.Rate}"), ("n_speakers", "1"), ("version", "1"), ("jieba", "0"), ("has_espeak", "1"), ("use_eos_bos", "1"), ("pad_id", "0"), ("voice", "en-us"), ("language", "English"));
        acoustic.Write(Path.Combine(folder, "model-steps-3.onnx"));

        var vocoder = new OnnxWriter();
        vocoder.Input("mel", OnnxWriter.Float, "1", "phonemes", $"{TinyPiper.SamplesOfId}");
        vocoder.Output("audio", OnnxWriter.Float, "1", "samples");
        vocoder.Constant("shape", [1L, -1], 2);
        vocoder.Node("Reshape", ["mel", "shape"], "audio");
        Describe(vocoder, null, ("model_type", "hifigan"));
        vocoder.Write(Path.Combine(folder, "hifigan.onnx"));
        WriteSymbols(folder);
        return folder;
    }

    private static string WriteStyled(string home, string name, int styles, params (string Key, string Value)[] metadata)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, name)).FullName;
        var model = new OnnxWriter();
        model.Input("tokens", OnnxWriter.Int64, "1", "phonemes");
        model.Input("style", OnnxWriter.Float, "1", "1");
        model.Input("speed", OnnxWriter.Float, "1");
        model.Output("audio", OnnxWriter.Float, "samples");
        AddTones(model, "tokens", "tones_of_text");
        model.Constant("flat", [-1L], 1);
        model.Node("Reshape", ["tones_of_text", "flat"], "sound");
        model.Node("Reshape", ["style", "flat"], "level");
        model.Node("Add", ["sound", "level"], "audio");
        Describe(model, null, [("sample_rate", $"{TinyPiper.Rate}"), ("n_speakers", "2"), ("version", "1"), ("has_espeak", "1"), ("speaker_names", "low,high"), .. metadata]);
        model.Write(Path.Combine(folder, "model.onnx"));
        float[] levels = [.. Enumerable.Repeat(0f, styles), .. Enumerable.Repeat(SecondLevel, styles)];
        File.WriteAllBytes(Path.Combine(folder, "voices.bin"), MemoryMarshal.AsBytes<float>(levels).ToArray());
        WriteSymbols(folder);
        return folder;
    }

    private static void AddTones(OnnxWriter model, string ids, string output)
    {
        model.Constant("tones", [.. Enumerable.Range(0, TinyPiper.Count).SelectMany(id => Enumerable.Range(0, TinyPiper.SamplesOfId).Select(i => TinyPiper.Tone(id, i)))], TinyPiper.Count, TinyPiper.SamplesOfId);
        model.Node("Gather", ["tones", ids], output, ("axis", 0));
    }

    private static void WriteSymbols(string folder) => File.WriteAllLines(Path.Combine(folder, "tokens.txt"), TinyPiper.Symbols.Select((symbol, id) => $"{symbol} {id}"));
}
