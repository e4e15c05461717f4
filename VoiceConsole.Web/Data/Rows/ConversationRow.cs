namespace VoiceConsole.Web.Data;

/// <summary>One conversation.</summary>
public sealed class ConversationRow
{
    public Guid Id { get; set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>Samples per second of all its positions.</summary>
    public int SampleRate { get; set; }

    public string Device { get; set; } = "";

    public string Recognizer { get; set; } = "";

    public string Model { get; set; } = "";

    public string Voice { get; set; } = "";

    public string Canceller { get; set; } = "";

    /// <summary>Folder of the tracks: relative to the data folder where it lies inside, else in full; null when nothing was recorded.</summary>
    public string? Recording { get; set; }

    /// <summary>The process that holds it, so that nobody else takes a running conversation for a lost one.</summary>
    public string Owner { get; set; } = "";

    /// <summary>Null while it goes on.</summary>
    public string? EndReason { get; set; }

    /// <summary>Null while it goes on.</summary>
    public long? EndPosition { get; set; }

    /// <summary>Distinct and above 0: what the word index knows it by.</summary>
    public long SearchKey { get; set; }

    /// <summary>What a person thinks of it, 1 to 5; null when nobody has said.</summary>
    public int? Rating { get; set; }

    /// <summary>When a person deleted it; it is erased once the time to undo that has passed. Null for all others.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    public List<TurnRow> Turns { get; } = [];

    public List<TagRow> Tags { get; } = [];
}
