using System.Text.Json.Nodes;

namespace VoiceConsole.Web.Commands.Bench.Tiny;

/// <summary>
/// A voice in the shape of Piper's, made for tests and benchmarks: each id sounds as 256 samples of a tone of its own, as many times over as the
/// length scale says, and each speaker sits on a level of his own.
/// </summary>
internal static class TinyPiper
{
    public const int SamplesOfId = 256, Rate = 22_050;

    public const string Symbols = "_^$ !'(),-.:;?abcdefghijklmnopqrstuvwxyz\u00e6\u00f0\u014b\u0250\u0251\u0254\u0255\u0259\u025a\u025b\u025c\u0261\u026a\u0279\u0283\u028a\u028c\u02c8\u02cc\u02d0\u03b8\u1d7b0123456789\u0327";

    public static int Count => Symbols.Length;

    public static int Id(char symbol) => Symbols.IndexOf(symbol, StringComparison.Ordinal);

    /// <summary>Sample i of an id's tone.</summary>
    public static float Tone(long id, int i) => 0.5f * MathF.Sin(2 * MathF.PI * (100 + 25 * id) * i / Rate);

    public static float Level(int speaker) => 0.125f * speaker;

    /// <summary>Writes NAME.onnx and NAME.onnx.json and returns the path of the first.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">Of both files.</param>
    /// <param name="speakers">How many the model has.</param>
    /// <param name="change">Changes what the JSON says.</param>
    public static string Write(string folder, string name, int speakers = 1, Action<JsonObject>? change = null)
    {
        var file = Path.Combine(folder, $"{name}.onnx");
        Model(speakers).Write(file);
        var ids = new JsonObject(Symbols.Select((symbol, id) => KeyValuePair.Create(symbol.ToString(), (JsonNode?)new JsonArray(id))));
        var names = new JsonObject(Enumerable.Range(0, speakers).Select(s => KeyValuePair.Create($"p{s}", (JsonNode?)s)));
        var json = new JsonObject
        {
            ["audio"] = new JsonObject { ["sample_rate"] = Rate, ["quality"] = "low" },
            ["espeak"] = new JsonObject { ["voice"] = "en-us" },
            ["phoneme_type"] = "espeak",
            ["language"] = new JsonObject { ["code"] = "en_US" },
            ["num_symbols"] = Count,
            ["num_speakers"] = speakers,
            ["inference"] = new JsonObject { ["noise_scale"] = 0.667, ["length_scale"] = 1, ["noise_w"] = 0.8 },
            ["phoneme_id_map"] = ids,
            ["speaker_id_map"] = names,
        };
        change?.Invoke(json);
        File.WriteAllText(file + ".json", json.ToJsonString());
        return file;
    }

    /// <summary>The model alone.</summary>
    public static OnnxWriter Model(int speakers)
    {
        var model = new OnnxWriter();
        model.Input("input", OnnxWriter.Int64, "batch", "phonemes");
        model.Input("input_lengths", OnnxWriter.Int64, "batch");
        model.Input("scales", OnnxWriter.Float, "3");
        if (speakers > 1)
            model.Input("sid", OnnxWriter.Int64, "batch");
        model.Output("output", OnnxWriter.Float, "1", "1", "1", "time");
        model.Constant("tones", [.. Enumerable.Range(0, Count).SelectMany(id => Enumerable.Range(0, SamplesOfId).Select(i => Tone(id, i)))], Count, SamplesOfId);
        model.Constant("one", [1L], 1);
        model.Constant("ones", [1L, 1L], 2);
        model.Constant("shape", [1L, 1, 1, -1], 4);
        model.Node("Gather", ["tones", "input"], "sounds", ("axis", 0));
        model.Node("Gather", ["scales", "one"], "length", ("axis", 0));
        model.Node("Cast", ["length"], "times", ("to", OnnxWriter.Int64));
        model.Node("Concat", ["ones", "times"], "repeats", ("axis", 0));
        model.Node("Tile", ["sounds", "repeats"], "longer");
        var last = "longer";
        if (speakers > 1)
        {
            model.Constant("levels", [.. Enumerable.Range(0, speakers).Select(Level)], speakers, 1);
            model.Node("Gather", ["levels", "sid"], "level", ("axis", 0));
            model.Node("Add", ["longer", "level"], last = "lifted");
        }

        model.Node("Reshape", [last, "shape"], "output");
        return model;
    }
}
