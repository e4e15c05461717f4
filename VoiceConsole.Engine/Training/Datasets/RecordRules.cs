namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>What makes a list of messages a conversation that can be learnt from.</summary>
internal static class RecordRules
{
    private static readonly string[] s_roles = [DatasetMessage.System, DatasetMessage.User, DatasetMessage.Assistant];

    /// <summary>What is wrong, as the end of a sentence that begins with the line; null when all is well.</summary>
    public static string? Problem(DatasetRecord record)
    {
        if (record.Messages.Count == 0)
            return "has no messages.";
        foreach (var message in record.Messages)
        {
            if (message is not { Role: not null, Content: not null })
                return "has a message without role or content.";
            if (!s_roles.Contains(message.Role))
                return $"has the role '{Shown(message.Role)}'; roles are {string.Join(", ", s_roles)}.";
        }

        if (record.Messages.All(m => m.Role != DatasetMessage.User || string.IsNullOrWhiteSpace(m.Content)))
            return "has no user message.";
        return record.Messages.All(m => m.Role != DatasetMessage.Assistant || string.IsNullOrWhiteSpace(m.Content)) ? "has no reply." : null;
    }

    private static string Shown(string text) => text.Length <= 20 ? text : text[..20] + "…";
}
