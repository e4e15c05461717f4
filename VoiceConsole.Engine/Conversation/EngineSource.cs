using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>Makes the engines of one conversation, at its beginning and in its midst.</summary>
/// <param name="loader">Makes each by its name.</param>
/// <param name="options">How the conversation is held.</param>
/// <param name="time">Its time.</param>
/// <param name="changeModel">Wraps each language model, for benchmarks; may be null.</param>
internal sealed class EngineSource(EngineLoader loader, ConversationOptions options, TimeProvider time, Func<IChatClient, IChatClient>? changeModel) : IEngineSource
{
    /// <summary>Asked when a language model fails; the caller's.</summary>
    public (IChatClient Model, string Name)? Fallback { get; init; }

    /// <summary>What the conversation began with.</summary>
    public required ConversationRequest Request { get; init; }

    public string? First(EngineKind kind) => kind switch
    {
        EngineKind.Recognizer => Request.Recognizer,
        EngineKind.LanguageModel => Request.LanguageModel,
        _ => Request.Voice,
    };

    public Task<ISpeechRecognizer> RecognizerAsync(string? id, CancellationToken cancellationToken) => loader.RecognizerAsync(id, cancellationToken);

    public Task<ISpeechSynthesizer> VoiceAsync(string? id, CancellationToken cancellationToken) => loader.VoiceAsync(id, cancellationToken);

    public async Task<LanguageEngine> LanguageAsync(string? id, CancellationToken cancellationToken)
    {
        var (model, name) = await loader.ModelAsync(id, cancellationToken);
        return new LanguageEngine(OnThisTime(changeModel?.Invoke(model) ?? model, time, options), name, Fallback?.Model, Fallback?.Name, options, time);
    }

    public LanguageEngine Language(IChatClient model, string name) => new(model, name, Fallback?.Model, Fallback?.Name, options, time);

    /// <summary>A server lives on the world's time: while it is waited for, virtual time must stand still.</summary>
    public static IChatClient OnThisTime(IChatClient model, TimeProvider time, ConversationOptions options) =>
        time is VirtualTime virtualTime && model.GetService(typeof(LlamaChatClient)) is null ? new TimeHoldingChatClient(model, virtualTime, options) : model;
}
