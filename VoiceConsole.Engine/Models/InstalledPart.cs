namespace VoiceConsole.Engine.Models;

/// <summary>A part that is there.</summary>
/// <param name="Id">Its catalogue id.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="Folders">Its own folder, then those of the parts it needs.</param>
public sealed record InstalledPart(string Id, string Folder, IReadOnlyList<string> Folders);

/// <summary>What is known of a part.</summary>
/// <param name="Part">Its entry.</param>
/// <param name="IsInstalled">Its files are there.</param>
/// <param name="Version">What was installed; null when nothing is.</param>
public sealed record PartState(CatalogPart Part, bool IsInstalled, string? Version);
