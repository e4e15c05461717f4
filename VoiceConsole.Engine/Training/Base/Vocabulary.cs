using System.Globalization;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.Base;

/// <summary>The tokens of a model in the manner of SentencePiece: spaces are "▁", and what no token covers becomes bytes.</summary>
/// <param name="Tokens">Their texts, the special ones first.</param>
/// <param name="Scores">The pair with the highest score is joined first; 0 for tokens that are never joined.</param>
internal sealed record Vocabulary(IReadOnlyList<string> Tokens, IReadOnlyList<float> Scores, IReadOnlyList<int> Types)
{
    public const string UserTurn = "<|user|>", AssistantTurn = "<|assistant|>", Begin = "<s>", End = "</s>";

    /// <summary>The chat that models of this vocabulary are trained for. They are too small to follow a system message.</summary>
    public const string ChatTemplate =
        "{{ bos_token }}{% for message in messages %}{% if message.role == 'user' %}" + UserTurn + "{{ message.content }}"
        + "{% elif message.role == 'assistant' %}" + AssistantTurn + "{{ message.content }}{{ eos_token }}{% endif %}{% endfor %}"
        + "{% if add_generation_prompt %}" + AssistantTurn + "{% endif %}";

    private const int Normal = 1, Unknown = 2, Control = 3, Byte = 6, Bytes = 256;

    private static readonly string[] s_special = ["<unk>", Begin, End, UserTurn, AssistantTurn];

    /// <summary>
    /// The token by which a model says to itself, before it replies, what it was asked: what it says then keeps to that. It is a
    /// control token, which nobody gets to see.
    /// </summary>
    public static string Plan(string tag) => $"<|plan:{tag}|>";

    /// <summary>Special tokens, all bytes, the characters, and the joined tokens in the order in which they were learnt.</summary>
    /// <param name="tags">What the model may have been asked, see <see cref="Plan"/>.</param>
    public static Vocabulary Of(IReadOnlyList<string> characters, IReadOnlyList<string> joined, IReadOnlyList<string>? tags = null)
    {
        string[] special = [.. s_special, .. (tags ?? []).Select(Plan)];
        List<string> tokens = [.. special, .. Enumerable.Range(0, Bytes).Select(b => $"<0x{b.ToString("X2", CultureInfo.InvariantCulture)}>"), .. characters, .. joined];
        var plain = special.Length + Bytes;
        return new Vocabulary(
            tokens,
            [.. tokens.Select((_, i) => i < plain + characters.Count ? 0f : -(float)(i - plain - characters.Count + 1))],
            [.. tokens.Select((_, i) => i == 0 ? Unknown : i < special.Length ? Control : i < plain ? Byte : Normal)]);
    }

    public void AddTo(GgufWriter gguf)
    {
        gguf.Add("tokenizer.ggml.model", "llama");
        gguf.Add("tokenizer.ggml.tokens", Tokens);
        gguf.Add("tokenizer.ggml.scores", Scores);
        gguf.Add("tokenizer.ggml.token_type", Types);
        gguf.Add("tokenizer.ggml.unknown_token_id", 0u);
        gguf.Add("tokenizer.ggml.bos_token_id", 1u);
        gguf.Add("tokenizer.ggml.eos_token_id", 2u);
        gguf.Add("tokenizer.chat_template", ChatTemplate);
    }
}
