namespace VoiceConsole.Engine.Language;

/// <summary>What the console says when something goes wrong: in the conversation's language where it is Chinese, else in English.</summary>
public static class Apologies
{
    /// <summary>The language they are in.</summary>
    public static string LanguageFor(string language) => IsChinese(language) ? "zh" : "en";

    public static string NotUnderstood(string language) => IsChinese(language)
        ? "抱歉，我没有听清楚，请再说一遍。"
        : "Sorry, I did not catch that. Please say it again.";

    public static string OneMoment(string language) => IsChinese(language)
        ? "抱歉，请稍等。"
        : "Sorry, one moment please.";

    public static string ModelFailed(string language) => IsChinese(language)
        ? "抱歉，我现在无法回答，请稍后再试。"
        : "Sorry, I cannot answer right now. Please try again later.";

    public static string NoModel(string language) => IsChinese(language)
        ? "抱歉，还没有设置语言模型，请先在设置中选择一个。"
        : "Sorry, no language model is set up yet. Please choose one in the settings.";

    private static bool IsChinese(string language)
    {
        ArgumentNullException.ThrowIfNull(language);
        return language.StartsWith("zh", StringComparison.OrdinalIgnoreCase);
    }
}
