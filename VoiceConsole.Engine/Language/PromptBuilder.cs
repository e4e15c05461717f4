using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Engine.Language;

/// <summary>Makes what the model is sent out of what was really said.</summary>
public static class PromptBuilder
{
    // Tells the model that it was cut off here, in the way that text itself tells it.
    private const string Cut = "…";

    /// <summary>
    /// One system message, then the history with user and assistant in turns, as chat templates demand: system messages of the
    /// history (summaries) join the first, neighbours of the same role become one.
    /// </summary>
    public static IReadOnlyList<ChatMessage> Build(string system, IReadOnlyList<ChatMessage> history)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(history);
        var systems = history.Where(m => m.Role == ChatRole.System).Select(m => m.Text).Prepend(system).Where(t => !string.IsNullOrWhiteSpace(t));
        var prompt = new List<ChatMessage>();
        var instructions = string.Join("\n\n", systems);
        if (instructions.Length > 0)
            prompt.Add(new ChatMessage(ChatRole.System, instructions));
        foreach (var message in history.Where(m => m.Role != ChatRole.System))
        {
            if (prompt is [.., { } last] && last.Role == message.Role)
                prompt[^1] = new ChatMessage(message.Role, last.Text + "\n" + TextOf(message));
            else
                prompt.Add(new ChatMessage(message.Role, TextOf(message)));
        }

        return prompt;
    }

    private static string TextOf(ChatMessage message) =>
        message.AdditionalProperties?.TryGetValue(SpokenHistory.Interrupted, out var value) == true && value is true
            ? message.Text.TrimEnd() + Cut
            : message.Text;
}
