namespace VoiceConsole.Engine.Language;

/// <summary>
/// What a language model knows of its own context. Ask a model for it with IChatClient.GetService(typeof(ITokenCounter));
/// servers that do not tell have none.
/// </summary>
public interface ITokenCounter
{
    /// <summary>Tokens that prompt and reply may fill together; the largest number while nobody knows.</summary>
    int ContextTokens { get; }

    /// <summary>Finds out what the model holds where that is not known yet. Throws what its server throws.</summary>
    Task LearnAsync(CancellationToken cancellationToken);

    /// <summary>Tokens of a plain text, without template or special tokens; for servers an estimate.</summary>
    int Count(string text);
}
