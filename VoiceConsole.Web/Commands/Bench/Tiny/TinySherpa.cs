namespace VoiceConsole.Web.Commands.Bench.Tiny;

/// <summary>Models in the shapes of sherpa-onnx', made for tests and benchmarks: they run for real and say what they were made to say.</summary>
internal static partial class TinySherpa
{
    /// <summary>A streaming transducer that hears "hi there" in any sound and nothing in silence.</summary>
    public static string WriteTransducer(string home, string name, string? without = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, name)).FullName;
        var encoder = new OnnxWriter();
        encoder.Input("x", OnnxWriter.Float, "1", "8", "80");
        encoder.Input("h", OnnxWriter.Float, "1", "1", "2");
        encoder.Input("c", OnnxWriter.Float, "1", "1", "2");
        foreach (var output in new[] { "encoder_out", "next_h", "next_c" })
            encoder.Output(output, OnnxWriter.Float, "a", "b", "e");
        encoder.Constant("eightieth", [.. Enumerable.Repeat(1 / 80f, 80)], 80, 1);
        encoder.Node("MatMul", ["x", "eightieth"], "encoder_out");
        encoder.Node("Identity", ["h"], "next_h");
        encoder.Node("Identity", ["c"], "next_c");
        Describe(encoder, without, ("model_type", "lstm"), ("T", "8"), ("decode_chunk_len", "8"), ("num_encoder_layers", "1"), ("rnn_hidden_size", "2"), ("d_model", "2"));
        encoder.Write(Path.Combine(folder, "encoder.onnx"));

        var decoder = new OnnxWriter();
        decoder.Input("y", OnnxWriter.Int64, "1", "2");
        decoder.Output("decoder_out", OnnxWriter.Float, "1", "1");
        decoder.Constant("values", [0f, 1, 2], 3);
        decoder.Constant("last", [1L], 1);
        decoder.Node("Gather", ["y", "last"], "token", ("axis", 1));
        decoder.Node("Gather", ["values", "token"], "decoder_out", ("axis", 0));
        Describe(decoder, without, ("vocab_size", "3"), ("context_size", "2"));
        decoder.Write(Path.Combine(folder, "decoder.onnx"));

        // Loud enough, and each word after the one before it, or nothing.
        var joiner = new OnnxWriter();
        joiner.Input("encoder_out", OnnxWriter.Float, "1", "1");
        joiner.Input("decoder_out", OnnxWriter.Float, "1", "1");
        joiner.Output("logit", OnnxWriter.Float, "1", "3");
        joiner.Constant("threshold", [12f], 1, 1);
        joiner.Constant("before", [0f, 1], 1, 2);
        joiner.Constant("penalty", [1000f], 1, 1);
        joiner.Constant("blank", [0f], 1, 1);
        joiner.Node("Add", ["encoder_out", "threshold"], "loudness");
        joiner.Node("Sub", ["decoder_out", "before"], "distance");
        joiner.Node("Mul", ["distance", "distance"], "square");
        joiner.Node("Mul", ["square", "penalty"], "cost");
        joiner.Node("Sub", ["loudness", "cost"], "words");
        joiner.Node("Concat", ["blank", "words"], "logit", ("axis", 1));
        joiner.Write(Path.Combine(folder, "joiner.onnx"));
        File.WriteAllText(Path.Combine(folder, "tokens.txt"), "<blk> 0\n▁hi 1\n▁there 2\n");
        return folder;
    }

    /// <summary>A SenseVoice model that reads the same in everything; "good morning" where no words are given.</summary>
    public static string WriteSenseVoice(string home, string name, params string[] words)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, name)).FullName;
        string[] tokens = ["<unk>", "<|en|>", "<|NEUTRAL|>", "<|Speech|>", "<|withitn|>", .. words.Length > 0 ? words : ["▁good", "▁morning"]];
        int[] said = [.. Enumerable.Range(1, tokens.Length - 1), 0];
        var model = new OnnxWriter();
        model.Input("x", OnnxWriter.Float, "1", "frames", "560");
        foreach (var input in new[] { "x_length", "language", "text_norm" })
            model.Input(input, OnnxWriter.Int32, "1");
        model.Output("logits", OnnxWriter.Float, "1", "longer", $"{tokens.Length}");
        model.Constant("rows", Rows(said, tokens.Length), said.Length, tokens.Length);
        model.Constant("one", [1L]);
        model.Constant("zero", [0L]);
        model.Constant("four", [4L]);
        model.Constant("last", [said.Length - 1L]);
        model.Constant("first", [0L], 1);
        model.Node("Shape", ["x"], "shape");
        model.Node("Gather", ["shape", "one"], "frames", ("axis", 0));
        model.Node("Add", ["frames", "four"], "longer");
        model.Node("Range", ["zero", "longer", "one"], "times");
        model.Node("Min", ["times", "last"], "row");
        model.Node("Gather", ["rows", "row"], "flat", ("axis", 0));
        model.Node("Unsqueeze", ["flat", "first"], "logits");
        Describe(model, null, ("comment", "made for a test"), ("vocab_size", $"{tokens.Length}"), ("lfr_window_size", "7"), ("lfr_window_shift", "6"), ("normalize_samples", "0"), ("with_itn", "14"), ("without_itn", "15"),
            ("lang_auto", "0"), ("lang_zh", "3"), ("lang_en", "4"), ("lang_ja", "11"), ("lang_ko", "12"), ("lang_yue", "7"), ("neg_mean", Many("0")), ("inv_stddev", Many("1")));
        model.Write(Path.Combine(folder, "model.onnx"));
        File.WriteAllLines(Path.Combine(folder, "tokens.txt"), tokens.Select((t, i) => $"{t} {i}"));
        return folder;
    }

    /// <summary>The voice of <see cref="TinyPiper"/>, as sherpa-onnx takes it.</summary>
    public static string WriteVits(string home, string name, int speakers = 1, string? without = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, name)).FullName;
        var model = TinyPiper.Model(speakers);
        Describe(model, without, ("comment", "piper, made for a test"), ("language", "English"), ("voice", "en-us"), ("has_espeak", "1"), ("sample_rate", $"{TinyPiper.Rate}"), ("n_speakers", $"{speakers}"));
        model.Write(Path.Combine(folder, $"{name}.onnx"));
        WriteSymbols(folder);
        return folder;
    }

    private static void Describe(OnnxWriter model, string? without, params (string Key, string Value)[] metadata)
    {
        foreach (var (key, value) in metadata.Where(m => m.Key != without))
            model.Metadata(key, value);
    }
}
