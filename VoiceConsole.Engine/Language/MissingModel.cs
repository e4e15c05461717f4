using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Language;

/// <summary>Stands where no language model was given: every request fails with the remedy, and the console says so aloud.</summary>
internal sealed class MissingModel : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromException<ChatResponse>(Missing());

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw Missing();

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType == typeof(MissingModel) ? this : null;

    public void Dispose() { }

    private static ModelUnavailableException Missing() =>
        new("No language model was given.", "Start the console with --llm FILE.gguf or --llm-url http://localhost:8080.");
}
