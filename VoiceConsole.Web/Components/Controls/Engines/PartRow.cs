using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Components.Controls.Engines;

/// <summary>A part of the catalogue and what is known of it here.</summary>
/// <param name="State">Its entry, and whether it is there.</param>
/// <param name="Bytes">What it takes on the disk; of one that is not installed, what an earlier fetch has left.</param>
/// <param name="Engines">Those that it brings and that are here; none of a library that only others use.</param>
public sealed record PartRow(PartState State, long Bytes, IReadOnlyList<PartEngine> Engines);

/// <summary>An engine of a part, as <c>bench models</c> measured it.</summary>
/// <param name="Name">For people.</param>
/// <param name="Memory">Null where it was not measured; so is <paramref name="Speed"/>.</param>
public sealed record PartEngine(string Name, string? Memory, string? Speed)
{
    /// <summary>For people.</summary>
    public const string NotMeasured = "not measured: bench models";
}
