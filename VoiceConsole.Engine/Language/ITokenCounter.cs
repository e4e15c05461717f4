namespace VoiceConsole.Engine.Language;

/// <summary>
/// What a language model knows of its own context. Ask a model for it with IChatClient.GetService(typeof(ITokenCounter));
/// servers that do not tell have none.
/// </summary>
public interface ITokenCounter
{
    /// <summary>Tokens that prompt and reply may fill together; the largest number while nobody knows.</summary>
    int ContextTokens { get; }

    /// <summary>Finds out how much the model holds, where that has to be asked for. Throws what its server throws.</summary>
    Task LearnAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Tokens of a plain text, without template or special tokens; for servers an estimate.</summary>
    int Count(string text);
}
