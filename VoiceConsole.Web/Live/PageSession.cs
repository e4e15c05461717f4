namespace VoiceConsole.Web.Live;

/// <summary>What an open page knows of its browser; one for each page that is open.</summary>
internal sealed class PageSession
{
    /// <summary>The cookie of the theme that was chosen by hand, which the page itself sets.</summary>
    public const string ThemeCookie = "voiceconsole-theme";

    /// <summary>As <see cref="BrowserSessions"/> has it.</summary>
    public string Browser { get; set; } = "";

    /// <summary>The dark theme was chosen, or the light one; null follows the system.</summary>
    public bool? IsDark { get; set; }
}
