namespace VoiceConsole.Web.Commands.Bench.Tiny;

internal static partial class TinySherpa
{
    /// <summary>A streaming Zipformer with CTC that hears "hi" in any sound and nothing in silence.</summary>
    public static string WriteZipformerCtc(string home, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, name)).FullName;
        var model = new OnnxWriter();
        model.Input("x", OnnxWriter.Float, "1", "8", "80");
        model.Output("log_probs", OnnxWriter.Float, "1", "t", "2");
        // The states that its kind hands from chunk to chunk: six of a layer, and two more.
        foreach (var (state, shape) in new (string, string[])[]
        {
            ("key", ["l", "1", "k"]), ("attention", ["1", "1", "l", "n"]), ("first", ["l", "1", "v"]), ("second", ["l", "1", "v"]),
            ("left", ["1", "d", "c"]), ("right", ["1", "d", "c"]), ("embedding", ["1", "e", "f", "g"]),
        })
        {
            model.Input(state, OnnxWriter.Float, shape);
            model.Output($"new_{state}", OnnxWriter.Float, shape);
            model.Node("Identity", [state], $"new_{state}");
        }

        model.Input("lengths", OnnxWriter.Int64, "1");
        model.Output("new_lengths", OnnxWriter.Int64, "1");
        model.Node("Identity", ["lengths"], "new_lengths");
        model.Constant("eightieth", [.. Enumerable.Repeat(1 / 80f, 80)], 80, 1);
        model.Constant("threshold", [12f], 1);
        model.Node("MatMul", ["x", "eightieth"], "loudness");
        model.Node("Add", ["loudness", "threshold"], "word");
        model.Node("Sub", ["loudness", "loudness"], "blank");
        model.Node("Concat", ["blank", "word"], "log_probs", ("axis", 2));
        Describe(model, null, ("encoder_dims", "4"), ("query_head_dims", "2"), ("value_head_dims", "2"), ("num_heads", "1"), ("num_encoder_layers", "1"), ("cnn_module_kernels", "3"), ("left_context_len", "2"), ("T", "8"), ("decode_chunk_len", "8"));
        model.Write(Path.Combine(folder, "model.onnx"));
        File.WriteAllText(Path.Combine(folder, "tokens.txt"), "<blk> 0\n▁hi 1\n");
        return folder;
    }

    /// <summary>A Paraformer that reads 你好 in everything.</summary>
    public static string WriteParaformer(string home, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, name)).FullName;
        string[] tokens = ["<blank>", "<s>", "</s>", "你", "好"];
        int[] said = [3, 4, 2];
        var model = new OnnxWriter();
        model.Input("speech", OnnxWriter.Float, "1", "frames", "560");
        model.Input("speech_lengths", OnnxWriter.Int32, "1");
        model.Output("logits", OnnxWriter.Float, "1", "n", $"{tokens.Length}");
        model.Output("token_num", OnnxWriter.Int32, "1");
        model.Constant("rows", Rows(said, tokens.Length), 1, said.Length, tokens.Length);
        model.Node("Identity", ["rows"], "logits");
        model.Node("Identity", ["speech_lengths"], "token_num");
        Describe(model, null, ("vocab_size", $"{tokens.Length}"), ("lfr_window_size", "7"), ("lfr_window_shift", "6"), ("neg_mean", Many("0")), ("inv_stddev", Many("1")));
        model.Write(Path.Combine(folder, "model.onnx"));
        File.WriteAllLines(Path.Combine(folder, "tokens.txt"), tokens.Select((t, i) => $"{t} {i}"));
        return folder;
    }

    /// <summary>A Moonshine that reads "good morning" in everything.</summary>
    public static string WriteMoonshine(string home, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, name)).FullName;
        string[] tokens = ["<unk>", "<s>", "</s>", "▁good", "▁morning"];
        var preprocess = new OnnxWriter();
        preprocess.Input("audio", OnnxWriter.Float, "1", "samples");
        preprocess.Output("features", OnnxWriter.Float, "1", "samples", "1");
        preprocess.Constant("last", [2L], 1);
        preprocess.Node("Unsqueeze", ["audio", "last"], "features");
        preprocess.Write(Path.Combine(folder, "preprocess.onnx"));

        var encode = new OnnxWriter();
        encode.Input("features", OnnxWriter.Float, "1", "samples", "1");
        encode.Input("features_len", OnnxWriter.Int32, "1");
        encode.Output("encoded", OnnxWriter.Float, "1", "samples", "1");
        encode.Node("Identity", ["features"], "encoded");
        encode.Write(Path.Combine(folder, "encode.onnx"));

        foreach (var isCached in new[] { false, true })
        {
            var decode = new OnnxWriter();
            decode.Input("tokens", OnnxWriter.Int32, "1", "1");
            decode.Input("encoder_out", OnnxWriter.Float, "1", "samples", "1");
            decode.Input("seq_len", OnnxWriter.Int32, "1");
            if (isCached)
                decode.Input("state", OnnxWriter.Float, "1", "samples", "1");
            decode.Output("logits", OnnxWriter.Float, "1", "1", $"{tokens.Length}");
            decode.Output("next", OnnxWriter.Float, "1", "samples", "1");
            // What follows each token.
            decode.Constant("rows", Rows([0, 3, 2, 4, 2], tokens.Length), tokens.Length, tokens.Length);
            decode.Node("Gather", ["rows", "tokens"], "logits", ("axis", 0));
            decode.Node("Identity", [isCached ? "state" : "encoder_out"], "next");
            decode.Write(Path.Combine(folder, isCached ? "cached_decode.onnx" : "uncached_decode.onnx"));
        }

        File.WriteAllLines(Path.Combine(folder, "tokens.txt"), tokens.Select((t, i) => $"{t} {i}"));
        return folder;
    }

    // One row for each that is said, with its number far ahead of the rest.
    private static float[] Rows(int[] said, int tokens) => [.. said.SelectMany(s => Enumerable.Range(0, tokens).Select(i => i == s ? 9f : 0))];

    private static string Many(string value) => string.Join(',', Enumerable.Repeat(value, 560));
}
