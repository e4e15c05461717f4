using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Engine.Language;

/// <summary>
/// Keeps virtual time standing while a model that lives on the world's time, such as a server, is waited for; but no longer than
/// the world would wait: then virtual time goes on, and the conversation's own time-outs end what hangs.
/// </summary>
internal sealed class TimeHoldingChatClient(IChatClient model, VirtualTime time, ConversationOptions limits) : DelegatingChatClient(model)
{
    // A prefill that nobody waits for would end at another moment in every run.
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(IPromptPrefill) ? null : base.GetService(serviceType, serviceKey);

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (var longest = limits.FirstTokenTimeout; ; longest = limits.StallTimeout)
        {
            Task<bool> next;
            using (time.Hold())
            {
                next = updates.MoveNextAsync().AsTask();
                await ((Task)next.WaitAsync(longest, CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }

            if (!await next)
                yield break;
            yield return updates.Current;
        }
    }
}
