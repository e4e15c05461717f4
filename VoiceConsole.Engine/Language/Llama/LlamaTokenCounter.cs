namespace VoiceConsole.Engine.Language.Llama;

/// <summary>Counts with the model's own tokenizer.</summary>
internal sealed class LlamaTokenCounter(LlamaModel model, int contextTokens) : ITokenCounter
{
    public int ContextTokens => contextTokens;

    public int Count(string text) => model.Tokenize(text, addSpecial: false, parseSpecial: false).Length;
}
