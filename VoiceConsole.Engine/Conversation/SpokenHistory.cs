using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// What was really said, by both sides: the user's words, and of the replies exactly the words that were heard. What the
/// model is told next is made from it.
/// </summary>
internal sealed class SpokenHistory
{
    /// <summary>Key in <see cref="ChatMessage.AdditionalProperties"/> of a reply that was cut off.</summary>
    public const string Interrupted = "interrupted";

    private readonly List<ChatMessage> _messages = [];

    public IReadOnlyList<ChatMessage> Messages => _messages;

    /// <summary>The history as it would be if the user said this.</summary>
    public IReadOnlyList<ChatMessage> With(string text) => [.. _messages, new ChatMessage(ChatRole.User, text)];

    public void AddUser(string text) => _messages.Add(new ChatMessage(ChatRole.User, text));

    /// <summary>Adds a reply; one of which nothing was heard was not said.</summary>
    public void AddReply(string heard, bool interrupted)
    {
        if (heard.Length == 0)
            return;
        var message = new ChatMessage(ChatRole.Assistant, heard);
        if (interrupted)
            (message.AdditionalProperties ??= [])[Interrupted] = true;
        _messages.Add(message);
    }

    /// <summary>Puts a shorter history in place of the present one.</summary>
    public void Replace(IEnumerable<ChatMessage> messages)
    {
        var shorter = messages.ToList();
        _messages.Clear();
        _messages.AddRange(shorter);
    }
}
