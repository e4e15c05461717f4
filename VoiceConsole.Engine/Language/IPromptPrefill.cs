using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language;

/// <summary>
/// A language model that can read a prompt before its reply is wanted, such as while the user still speaks. Ask a model for it
/// with IChatClient.GetService(typeof(IPromptPrefill)).
/// </summary>
public interface IPromptPrefill
{
    /// <summary>
    /// Reads <paramref name="messages"/>; a later reply to messages that begin in the same way reads the rest only. A reply that is
    /// asked for meanwhile waits for it, so cancel first: what has been read by then stays read.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before it began.</exception>
    Task PrefillAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken);
}
