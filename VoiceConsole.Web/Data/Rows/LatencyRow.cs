namespace VoiceConsole.Web.Data;

/// <summary>One stage of a turn's latency.</summary>
public sealed class LatencyRow
{
    public long TurnRowId { get; set; }

    /// <summary>The stage's place, from 0.</summary>
    public int Ordinal { get; set; }

    public string Stage { get; set; } = "";

    public long Start { get; set; }

    public long End { get; set; }

    public double Ms { get; set; }
}
