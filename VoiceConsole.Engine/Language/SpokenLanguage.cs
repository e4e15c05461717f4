namespace VoiceConsole.Engine.Language;

/// <summary>Which of the console's languages a sentence is in: the script decides, since a reply may mix them.</summary>
public static class SpokenLanguage
{
    /// <summary>Two BCP 47 tags name one language, whatever their regions.</summary>
    public static bool IsSame(string tag, string other) => tag.Split('-')[0].Equals(other.Split('-')[0], StringComparison.OrdinalIgnoreCase);

    public static bool IsHan(char c) => c is (>= '\u4E00' and <= '\u9FFF') or (>= '\u3400' and <= '\u4DBF');

    /// <summary>"zh" when the sentence is written in Chinese; else the conversation's language, or "en" when that is Chinese and nothing in the sentence is.</summary>
    public static string Of(string text, string conversation)
    {
        if (text.Any(IsHan))
            return "zh";
        return conversation.StartsWith("zh", StringComparison.OrdinalIgnoreCase) && text.Any(char.IsAsciiLetter) ? "en" : conversation;
    }
}
