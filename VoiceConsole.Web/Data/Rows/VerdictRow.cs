namespace VoiceConsole.Web.Data;

/// <summary>What was made of a sound, and why.</summary>
internal sealed class VerdictRow
{
    public Guid ConversationId { get; set; }

    /// <summary>Of its event.</summary>
    public long Ordinal { get; set; }

    public long Turn { get; set; }

    public long Position { get; set; }

    public string Verdict { get; set; } = "";

    public string Reason { get; set; } = "";

    /// <summary>Named figures, as a JSON object.</summary>
    public string Evidence { get; set; } = "{}";
}
