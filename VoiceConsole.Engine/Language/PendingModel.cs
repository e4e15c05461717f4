using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language;

/// <summary>Stands where a model is being loaded after the old one had to go: whoever asks meanwhile waits for the new one.</summary>
internal sealed class PendingModel : IChatClient
{
    private readonly TaskCompletionSource<IChatClient> _model = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Answers everybody who waits; the model stays the caller's.</summary>
    public void Come(IChatClient model) => _model.TrySetResult(model);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var model = await _model.Task.WaitAsync(cancellationToken);
        await foreach (var update in model.GetStreamingResponseAsync(messages, options, cancellationToken))
            yield return update;
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
        // Holds nothing.
    }
}
