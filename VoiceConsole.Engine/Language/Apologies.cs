namespace VoiceConsole.Engine.Language;

/// <summary>What the console says when something failed, in the conversation's language.</summary>
internal static class Apologies
{
    public static string NotUnderstood(string language) =>
        IsChinese(language) ? "对不起，我没有听清楚，请再说一遍。" : "Sorry, I could not make that out. Please say it again.";

    public static string OneMoment(string language) =>
        IsChinese(language) ? "对不起，请稍等。" : "Sorry, one moment please.";

    public static string ModelFailed(string language) =>
        IsChinese(language) ? "对不起，语言模型现在没有回答，请再试一次。" : "Sorry, my language model is not answering. Please try again.";

    public static string NoModel(string language) =>
        IsChinese(language) ? "对不起，我还没有语言模型。请在设置中选择一个。" : "Sorry, I have no language model yet. Please give me one.";

    private static bool IsChinese(string language) => language.StartsWith("zh", StringComparison.OrdinalIgnoreCase);
}
