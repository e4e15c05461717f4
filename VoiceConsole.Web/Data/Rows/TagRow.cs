namespace VoiceConsole.Web.Data;

/// <summary>A word that a person gave a conversation, to find it by.</summary>
public sealed class TagRow
{
    public Guid ConversationId { get; set; }

    public string Tag { get; set; } = "";
}
