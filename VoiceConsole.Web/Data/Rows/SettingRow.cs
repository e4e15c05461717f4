namespace VoiceConsole.Web.Data;

/// <summary>Something that a person set on a page, kept for the next time.</summary>
internal sealed class SettingRow
{
    public string Name { get; set; } = "";

    public string Value { get; set; } = "";
}
