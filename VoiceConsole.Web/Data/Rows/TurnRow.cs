namespace VoiceConsole.Web.Data;

/// <summary>One turn, as far as it has come.</summary>
public sealed class TurnRow
{
    public long Id { get; set; }

    public Guid ConversationId { get; set; }

    public ConversationRow? Conversation { get; set; }

    /// <summary>The turn's id in its conversation.</summary>
    public long Number { get; set; }

    public long StartPosition { get; set; }

    public long? EndPosition { get; set; }

    public bool Typed { get; set; }

    public string? UserText { get; set; }

    /// <summary>All that the model wrote, apologies included.</summary>
    public string ReplyText { get; set; } = "";

    /// <summary>What of it was really heard; null when nothing was played.</summary>
    public string? HeardText { get; set; }

    /// <summary>"answered", "interrupted", "dropped", "failed", or "lost" when the process ended in it; null while it goes on.</summary>
    public string? Outcome { get; set; }

    /// <summary>Why it was dropped or failed.</summary>
    public string? Problem { get; set; }

    /// <summary>The language model that was asked last; null where none was.</summary>
    public string? Model { get; set; }

    /// <summary>From the last speech sample to the first audible sample of the reply, in milliseconds.</summary>
    public double? VoiceToVoiceMs { get; set; }

    public List<LatencyRow> Latencies { get; } = [];
}
