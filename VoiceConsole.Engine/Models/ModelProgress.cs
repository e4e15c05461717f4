namespace VoiceConsole.Engine.Models;

/// <summary>How far a part is.</summary>
/// <param name="Part">Its name, for people.</param>
/// <param name="Step">"Fetching", "Unpacking", "Verifying".</param>
/// <param name="Bytes">Done so far.</param>
/// <param name="Total">To do.</param>
public sealed record ModelProgress(string Part, string Step, long Bytes, long Total)
{
    public override string ToString() => $"{Step} {Part}: {Bytes / 1e6:0.0} of {Total / 1e6:0.0} MB";
}
