using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Engine.Language;

/// <summary>Keeps virtual time standing while a model that lives on the world's time, such as a server, is waited for.</summary>
internal sealed class TimeHoldingChatClient(IChatClient model, VirtualTime time) : DelegatingChatClient(model)
{
    // A prefill that nobody waits for would end at another moment in every run.
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(IPromptPrefill) ? null : base.GetService(serviceType, serviceKey);

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var hold = time.Hold();
        return await base.GetResponseAsync(messages, options, cancellationToken);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            using (time.Hold())
            {
                if (!await updates.MoveNextAsync())
                    yield break;
            }

            yield return updates.Current;
        }
    }
}
