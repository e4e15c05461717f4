using System.Text.Json;

namespace VoiceConsole.Engine.Speech.Piper;

/// <summary>What the .onnx.json beside a Piper voice says of it.</summary>
/// <param name="Name">Of its files, without extension.</param>
/// <param name="Language">BCP 47 tag, for example "en-US".</param>
/// <param name="SampleRate">Samples per second of its sound.</param>
/// <param name="EspeakVoice">Who turns letters into phonemes; empty where the letters are the phonemes.</param>
/// <param name="Symbols">How many ids the model knows: 0 to this, exclusive.</param>
/// <param name="Ids">Ids by phoneme, which is one code point.</param>
/// <param name="Speakers">How many speak with this voice.</param>
/// <param name="SpeakerIds">Their numbers by name; may be empty.</param>
/// <param name="Scales">Noise, length and noise of the lengths, unless the user wishes others.</param>
internal sealed record PiperConfig(
    string Name, string Language, int SampleRate, string EspeakVoice, int Symbols, IReadOnlyDictionary<string, int[]> Ids,
    int Speakers, IReadOnlyDictionary<string, int> SpeakerIds, (float Noise, float Length, float LengthNoise) Scales)
{
    /// <summary>The symbols around every text.</summary>
    public const string Begin = "^", Pad = "_", End = "$";

    private const int LargestFile = 8_000_000;

    /// <summary>Reads the JSON that belongs to a voice.</summary>
    /// <exception cref="InvalidDataException">It is missing, no JSON, incomplete, or asks for what is not supported; the message says which.</exception>
    public static PiperConfig Read(string onnxFile)
    {
        var file = onnxFile + ".json";
        if (!File.Exists(file))
            throw new InvalidDataException($"{Path.GetFileName(onnxFile)} has no {Path.GetFileName(file)} beside it. A Piper voice is both files.");
        if (new FileInfo(file).Length > LargestFile)
            throw new InvalidDataException($"{Path.GetFileName(file)} is larger than the description of a voice can be.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            return Read(Path.GetFileNameWithoutExtension(onnxFile), json.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException)
        {
            throw new InvalidDataException($"{Path.GetFileName(file)} is no description of a Piper voice: {error.Message}", error);
        }
    }

    /// <summary>The number of a speaker.</summary>
    /// <param name="wish">A name or a number; null for the first.</param>
    /// <exception cref="ArgumentException">There is none of that name or number.</exception>
    public int Speaker(string? wish)
    {
        if (wish is null)
            return 0;
        if (SpeakerIds.TryGetValue(wish, out var named))
            return named;
        if (int.TryParse(wish, out var number) && number >= 0 && number < Speakers)
            return number;
        var some = SpeakerIds.Count > 0 ? $"; names are {string.Join(", ", SpeakerIds.Keys.Take(8))}{(SpeakerIds.Count > 8 ? " and others" : "")}" : "";
        throw new ArgumentException($"{Name} has no speaker '{wish}': 0 to {Speakers - 1}{some}.");
    }

    private static PiperConfig Read(string name, JsonElement json)
    {
        var type = json.TryGetProperty("phoneme_type", out var given) ? given.GetString() ?? "espeak" : "espeak";
        if (type is not ("espeak" or "text"))
            throw new InvalidDataException($"{name} wants its text as '{type}', which is not supported; 'espeak' and 'text' are. Take another voice of that language, such as zh_CN-huayan-medium for Mandarin.");
        var rate = Part(json, "audio").GetProperty("sample_rate").GetInt32();
        if (rate is < 8000 or > 96_000)
            throw new InvalidDataException($"{name} says its sound has {rate} samples per second, which none has.");
        var speakers = json.TryGetProperty("num_speakers", out var several) ? several.GetInt32() : 1;
        var symbols = Part(json, "num_symbols").GetInt32();
        var ids = Part(json, "phoneme_id_map").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.EnumerateArray().Select(i => i.GetInt32()).ToArray());
        foreach (var symbol in new[] { Begin, Pad, End })
        {
            if (!ids.ContainsKey(symbol))
                throw new InvalidDataException($"{name} has no id for '{symbol}', which every text needs.");
        }

        if (ids.Values.SelectMany(i => i).FirstOrDefault(i => i < 0 || i >= symbols, -1) is var wrong and not -1)
            throw new InvalidDataException($"{name} contradicts itself: it has an id {wrong} and {symbols} symbols.");
        var names = json.TryGetProperty("speaker_id_map", out var map) ? map.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32()) : [];
        if (names.FirstOrDefault(n => n.Value < 0 || n.Value >= speakers).Key is { } stranger)
            throw new InvalidDataException($"{name} contradicts itself: its speaker {stranger} has the number {names[stranger]} of {speakers}.");
        var inference = json.TryGetProperty("inference", out var some) ? some : default;
        return new PiperConfig(
            name, LanguageOf(name, json), rate, type == "text" ? "" : Part(json, "espeak").GetProperty("voice").GetString()!, symbols, ids, speakers, names,
            (Scale("noise_scale", 0.667f), Scale("length_scale", 1), Scale("noise_w", 0.8f)));

        float Scale(string key, float otherwise) =>
            inference.ValueKind == JsonValueKind.Object && inference.TryGetProperty(key, out var value) ? value.GetSingle() : otherwise;
    }

    private static JsonElement Part(JsonElement json, string name) =>
        json.TryGetProperty(name, out var part) ? part : throw new KeyNotFoundException($"it has no '{name}'.");

    // "zh_CN" in newer files, the voice of espeak-ng in older ones.
    private static string LanguageOf(string name, JsonElement json)
    {
        var tag = json.TryGetProperty("language", out var language) && language.TryGetProperty("code", out var code) ? code.GetString()
            : json.TryGetProperty("espeak", out var espeak) && espeak.TryGetProperty("voice", out var voice) ? voice.GetString() : null;
        if (string.IsNullOrEmpty(tag))
            tag = name.Split('-')[0];
        tag = tag.Replace('_', '-');
        return tag == "cmn" || tag.StartsWith("cmn-", StringComparison.OrdinalIgnoreCase) ? "zh-CN" : tag;
    }
}
