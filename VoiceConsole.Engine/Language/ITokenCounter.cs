namespace VoiceConsole.Engine.Language;

/// <summary>
/// What a language model knows of its own context. Ask a model for it with IChatClient.GetService(typeof(ITokenCounter));
/// servers that do not tell have none.
/// </summary>
public interface ITokenCounter
{
    /// <summary>Tokens that prompt and reply may fill together.</summary>
    int ContextTokens { get; }

    /// <summary>Tokens of a plain text, without template or special tokens; for servers an estimate.</summary>
    int Count(string text);
}
