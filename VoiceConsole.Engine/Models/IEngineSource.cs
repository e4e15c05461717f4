using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Models;

/// <summary>Makes engines by the names users give them; null is the default. Each belongs to the caller.</summary>
/// <exception cref="ModelUnavailableException">A part or file cannot be had, or does not fit in memory.</exception>
/// <exception cref="InvalidDataException">A file is damaged or of another kind.</exception>
/// <exception cref="ArgumentException">There is no such engine.</exception>
public interface IEngineSource
{
    /// <summary>By what name the conversation's first engine of a kind was asked for.</summary>
    string? First(EngineKind kind);

    Task<ISpeechRecognizer> RecognizerAsync(string? id, CancellationToken cancellationToken);

    Task<LanguageEngine> LanguageAsync(string? id, CancellationToken cancellationToken);

    /// <summary>A model that is there already, with the conversation's retries and fallback.</summary>
    LanguageEngine Language(IChatClient model, string name);

    Task<ISpeechSynthesizer> VoiceAsync(string? id, CancellationToken cancellationToken);
}
