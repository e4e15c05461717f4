using System.Text;
using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>How a model without a chat template is asked: a line "System: …", "User: …" or "Assistant: …" for each message.</summary>
internal static class PlainPrompt
{
    /// <summary>What the model would write after its own reply.</summary>
    public const string UserLine = "\nUser:";

    private const string Asking = "Assistant:";

    /// <summary>The messages, and unless there are none the beginning of the next reply.</summary>
    public static string Ask(IReadOnlyList<ChatMessage> messages) => messages.Count == 0 ? "" : Lines(messages) + Asking;

    /// <summary>The messages alone.</summary>
    public static string Lines(IReadOnlyList<ChatMessage> messages)
    {
        var prompt = new StringBuilder();
        foreach (var message in messages)
        {
            var who = message.Role == ChatRole.System ? "System" : message.Role == ChatRole.Assistant ? "Assistant" : "User";
            prompt.Append(who).Append(": ").Append(message.Text).Append('\n');
        }

        return prompt.ToString();
    }
}
