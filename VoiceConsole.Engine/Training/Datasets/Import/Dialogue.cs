namespace VoiceConsole.Engine.Training.Datasets.Import;

/// <summary>A conversation found in a file, or what is wrong where one should be.</summary>
internal readonly record struct Dialogue(long Number, IReadOnlyList<DatasetMessage> Messages, string? Problem)
{
    public static Dialogue Broken(long number, string problem) => new(number, [], problem);

    /// <summary>The role that other formats call by another name; null when nobody does.</summary>
    public static string? RoleOf(string name) => name.Trim().ToLowerInvariant() switch
    {
        "system" or "系统" => DatasetMessage.System,
        "user" or "human" or "q" or "question" or "prompter" or "用户" or "问" => DatasetMessage.User,
        "assistant" or "gpt" or "bot" or "ai" or "model" or "chatgpt" or "a" or "answer" or "助手" or "答" => DatasetMessage.Assistant,
        _ => null,
    };
}
