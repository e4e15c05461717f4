namespace VoiceConsole.Web.Commands;

/// <summary>Transcripts and replies are strangers' text: on a terminal their control characters must not run.</summary>
internal static class PlainText
{
    public static string ForTerminal(string text) =>
        string.Create(text.Length, text, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
                target[i] = char.IsControl(source[i]) && source[i] != '\n' ? ' ' : source[i];
        });
}
