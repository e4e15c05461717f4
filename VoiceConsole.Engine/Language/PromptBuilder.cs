using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Engine.Language;

/// <summary>Makes what the model is told from what was said.</summary>
internal static class PromptBuilder
{
    /// <summary>Ends a reply that the user cut off, so that the model knows that the rest was never heard.</summary>
    public const string CutOff = " —";

    /// <param name="systemPrompt">What the model is told before the conversation; empty for nothing.</param>
    /// <param name="history">What both sides really said, oldest first.</param>
    public static IReadOnlyList<ChatMessage> Build(string systemPrompt, IReadOnlyList<ChatMessage> history)
    {
        var messages = new List<ChatMessage>(history.Count + 1);
        if (!string.IsNullOrWhiteSpace(systemPrompt))
            messages.Add(new ChatMessage(ChatRole.System, systemPrompt));
        foreach (var message in history)
        {
            var cut = message.AdditionalProperties?.ContainsKey(SpokenHistory.Interrupted) == true;
            messages.Add(new ChatMessage(message.Role, cut ? message.Text + CutOff : message.Text));
        }

        return messages;
    }
}
