using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Engine.Language;

/// <summary>A language model as a conversation uses it: with retries and fallback, and with what keeps the history within its context.</summary>
public sealed class LanguageEngine : IAsyncDisposable
{
    /// <param name="model">Freed with the engine.</param>
    /// <param name="name">For people and records; without secrets.</param>
    /// <param name="fallback">Asked when the model has failed, or null; the caller's.</param>
    /// <param name="fallbackName">As <paramref name="name"/>.</param>
    /// <param name="options">Time-outs, attempts, the longest reply and when to summarise.</param>
    /// <param name="time">The conversation's time.</param>
    public LanguageEngine(IChatClient model, string name, IChatClient? fallback, string? fallbackName, ConversationOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        Name = name;
        Replies = new ReplyStream(model, name, fallback, fallbackName, options, time);
        Summarizer = model.GetService(typeof(ITokenCounter)) is ITokenCounter counter ? new HistorySummarizer(model, counter, options, time) : null;
    }

    public string Name { get; }

    internal IChatClient Model { get; }

    public ReplyStream Replies { get; }

    /// <summary>Null where the model does not tell how much its context holds.</summary>
    public HistorySummarizer? Summarizer { get; }

    /// <summary>One word of a reply, without retries: it works, and its memory is warm.</summary>
    /// <exception cref="Exception">Whatever the model throws.</exception>
    public async Task TryOutAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in Model.GetStreamingResponseAsync(
            [new ChatMessage(ChatRole.User, "Hello")], new ChatOptions { MaxOutputTokens = 1 }, cancellationToken))
            return;
    }

    public ValueTask DisposeAsync()
    {
        Model.Dispose();
        return ValueTask.CompletedTask;
    }
}
