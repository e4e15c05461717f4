using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Language;

/// <summary>
/// Stands where no model can be used: every request fails with the reason and the remedy, so that the console says so aloud
/// instead of keeping silent.
/// </summary>
/// <param name="error">Why there is none.</param>
/// <param name="remedy">What to do about it.</param>
public sealed class MissingModel(string error, string remedy) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromException<ChatResponse>(Unavailable());

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.FromException(Unavailable());
        yield break;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;
    }

    public void Dispose()
    {
        // Holds nothing.
    }

    private ModelUnavailableException Unavailable() => new(error, remedy);
}
