namespace VoiceConsole.Engine.Language;

/// <summary>Which of the console's languages a sentence is in: the script decides, since a reply may mix them.</summary>
public static class SpokenLanguage
{
    public static bool IsHan(char c) => c is (>= '\u4E00' and <= '\u9FFF') or (>= '\u3400' and <= '\u4DBF');

    /// <summary>"zh" when the sentence is written in Chinese; else the conversation's language, or "en" when that is Chinese and nothing in the sentence is.</summary>
    public static string Of(string text, string conversation)
    {
        if (text.Any(IsHan))
            return "zh";
        return conversation.StartsWith("zh", StringComparison.OrdinalIgnoreCase) && text.Any(char.IsAsciiLetter) ? "en" : conversation;
    }
}
