namespace VoiceConsole.Web.Data;

/// <summary>One event as it was published; the other rows are made from these.</summary>
internal sealed class EventRow
{
    public Guid ConversationId { get; set; }

    /// <summary>Its number in the conversation, from 0, without gaps.</summary>
    public long Ordinal { get; set; }

    /// <summary>0 for events of no turn.</summary>
    public long Turn { get; set; }

    public long Position { get; set; }

    public string Type { get; set; } = "";

    public string Json { get; set; } = "";
}
