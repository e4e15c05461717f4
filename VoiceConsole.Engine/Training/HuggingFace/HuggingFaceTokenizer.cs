using System.Globalization;
using System.Text.Json;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.HuggingFace;

/// <summary>
/// The tokenizer of a model's folder as readers of GGUF want it: byte-pair encoding over bytes, as Qwen2 and Llama 3 have it, or in the
/// manner of SentencePiece with bytes to fall back on, as Llama 2 has it.
/// </summary>
internal sealed class HuggingFaceTokenizer
{
    public const string File = "tokenizer.json";

    private const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6;

    // The ways in which text is split into words before anything is joined, by what llama.cpp calls them.
    private static readonly (string Pattern, string Name)[] s_splits =
    [
        (@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", "qwen2"),
        (@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", "llama-bpe"),
    ];

    private readonly JsonElement _json, _settings, _config;
    private readonly string[] _tokens;
    private readonly int[] _types;
    private readonly Dictionary<string, int> _ids;

    /// <param name="json">tokenizer.json.</param>
    /// <param name="settings">tokenizer_config.json.</param>
    /// <param name="config">config.json, which names special tokens by number.</param>
    /// <param name="size">Tokens that the model has rows for; those that the tokenizer lacks are never used.</param>
    /// <exception cref="InvalidDataException">It is of another kind, or does not fit the model.</exception>
    public HuggingFaceTokenizer(JsonElement json, JsonElement settings, JsonElement config, int size)
    {
        (_json, _settings, _config) = (json, settings, config);
        if (Model.Text("type") is not "BPE" and var kind)
            throw new InvalidDataException($"{File} is of the kind '{kind ?? "unknown"}'; only byte-pair encoding (BPE) can be converted.");
        _tokens = new string[size];
        _types = new int[size];
        foreach (var entry in (Model.Get("vocab") is { ValueKind: JsonValueKind.Object } vocabulary ? vocabulary : throw Damaged("it has no vocabulary")).EnumerateObject())
            Put(entry.Name, entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out var id) ? id : -1, TypeOf(entry.Name));
        foreach (var entry in Added)
            Put(entry.Text("content") ?? "", entry.Whole("id") ?? -1, entry.Text("content") == Model.Text("unk_token") ? Unknown : entry.Flag("special") is true ? Control : UserDefined);
        for (var i = 0; i < size; i++)
        {
            if (_tokens[i] is null)
                (_tokens[i], _types[i]) = (string.Create(CultureInfo.InvariantCulture, $"[PAD{i}]"), Unused);
        }

        _ids = _tokens.Index().GroupBy(t => t.Item, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Index, StringComparer.Ordinal);
    }

    private JsonElement Model => _json.Get("model") ?? throw Damaged("it has no model");

    private bool HasByteTokens => Model.Flag("byte_fallback") is true;

    private IEnumerable<JsonElement> Added => _json.Get("added_tokens") is { ValueKind: JsonValueKind.Array } added ? added.EnumerateArray() : [];

    /// <param name="template">The model's chat template; null for one that was not made for chats.</param>
    public void AddTo(GgufWriter gguf, string? template)
    {
        var merges = Merges();
        if (HasByteTokens)
        {
            gguf.Add("tokenizer.ggml.model", "llama");
            gguf.Add("tokenizer.ggml.scores", Scores(merges));
            gguf.Add("tokenizer.ggml.add_space_prefix", AddsSpace());
        }
        else
        {
            gguf.Add("tokenizer.ggml.model", "gpt2");
            gguf.Add("tokenizer.ggml.pre", Split());
            gguf.Add("tokenizer.ggml.merges", [.. merges.Select(m => $"{m.Left} {m.Right}")]);
        }

        gguf.Add("tokenizer.ggml.tokens", _tokens);
        gguf.Add("tokenizer.ggml.token_type", _types);
        AddSpecial(gguf, "bos");
        AddSpecial(gguf, "eos");
        AddSpecial(gguf, "unk", "unknown");
        AddSpecial(gguf, "pad", "padding");
        gguf.Add("tokenizer.ggml.add_bos_token", _settings.Flag("add_bos_token") ?? BeginsByItself());
        if (template is not null)
            gguf.Add("tokenizer.chat_template", template);
    }

    private void Put(string token, int id, int type)
    {
        if (id < 0 || id >= _tokens.Length)
            throw Damaged($"the token '{token}' has the number {id}, and the model has {_tokens.Length} tokens");
        if (_tokens[id] is { } other && other != token)
            throw Damaged($"'{other}' and '{token}' have the same number {id}");
        (_tokens[id], _types[id]) = (token, type);
    }

    private int TypeOf(string token) =>
        !HasByteTokens ? Normal
        : token == Model.Text("unk_token") ? Unknown
        : token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>' ? Byte
        : Normal;

    // "a b" each, or in newer files a list of the two.
    private List<(string Left, string Right)> Merges()
    {
        var merges = new List<(string, string)>();
        if (Model.Get("merges") is not { ValueKind: JsonValueKind.Array } array)
            throw Damaged("it has no merges");
        foreach (var item in array.EnumerateArray())
        {
            var (left, right) = item.ValueKind switch
            {
                JsonValueKind.String when item.GetString()!.Split(' ') is [var first, var second] => (first, second),
                JsonValueKind.Array when item.GetArrayLength() == 2 && item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.String => (item[0].GetString()!, item[1].GetString()!),
                _ => throw Damaged($"merge {merges.Count + 1} is no pair of tokens"),
            };
            if (!_ids.ContainsKey(left) || !_ids.ContainsKey(right) || !_ids.ContainsKey(left + right))
                throw Damaged($"merge {merges.Count + 1} joins what are no tokens");
            merges.Add((left, right));
        }

        return merges;
    }

    // What is joined first has the highest score.
    private float[] Scores(List<(string Left, string Right)> merges)
    {
        var scores = new float[_tokens.Length];
        foreach (var (rank, (left, right)) in merges.Index().Reverse())
            scores[_ids[left + right]] = -1 - rank;
        return scores;
    }

    // Some put a space before the text and some do not; the pre-tokenizer or the normalizer tells.
    private bool AddsSpace() =>
        Parts("pre_tokenizer").Find(p => p.Text("type") == "Metaspace") is { ValueKind: JsonValueKind.Object } space
            ? space.Text("prepend_scheme") is not "never" && space.Flag("add_prefix_space") is not false
            : Parts("normalizer").Exists(p => p.Text("type") == "Prepend");

    private string Split()
    {
        var parts = Parts("pre_tokenizer");
        if (!parts.Exists(p => p.Text("type") == "ByteLevel"))
            throw new InvalidDataException($"{File} cannot be converted: it works neither on bytes nor in the manner of SentencePiece.");
        return parts.Find(p => p.Text("type") == "Split").Get("pattern")?.Text("Regex") switch
        {
            null when parts.Count == 1 => "gpt-2",
            var pattern when Array.Find(s_splits, s => s.Pattern == pattern).Name is { } name => name,
            _ => throw new InvalidDataException($"{File} cannot be converted: it splits text in a way that llama.cpp may not know."),
        };
    }

    private List<JsonElement> Parts(string key)
    {
        if (_json.Get(key) is not { } part)
            return [];
        return (part.Get("pretokenizers") ?? part.Get("normalizers")) is { ValueKind: JsonValueKind.Array } sequence ? [.. sequence.EnumerateArray()] : [part];
    }

    // Llama 3 begins texts by a rule of the post-processor.
    private bool BeginsByItself() => SpecialOf("bos") is { } begin && _json.Get("post_processor")?.GetRawText().Contains(JsonSerializer.Serialize(_tokens[begin]), StringComparison.Ordinal) == true;

    private void AddSpecial(GgufWriter gguf, string name, string? named = null)
    {
        if (SpecialOf(name) is { } id)
            gguf.Add($"tokenizer.ggml.{named ?? name}_token_id", (uint)id);
    }

    // By name where the tokenizer's settings have it, else by number; of several ends the first.
    private int? SpecialOf(string name)
    {
        var named = _settings.Text($"{name}_token") ?? _settings.Get($"{name}_token")?.Text("content");
        if (named is not null && _ids.TryGetValue(named, out var id))
            return id;
        var number = _config.Get($"{name}_token_id") is { ValueKind: JsonValueKind.Array } several && several.GetArrayLength() > 0
            ? several[0].ValueKind == JsonValueKind.Number && several[0].TryGetInt32(out var first) ? first : null
            : _config.Whole($"{name}_token_id");
        return number >= 0 && number < _tokens.Length ? number : null;
    }

    private static InvalidDataException Damaged(string why) => new($"{File} is damaged: {why}.");
}
