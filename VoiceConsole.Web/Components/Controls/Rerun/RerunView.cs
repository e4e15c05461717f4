namespace VoiceConsole.Web.Components.Controls.Rerun;

/// <summary>What of a comparison is looked at.</summary>
/// <param name="From">Seconds; null, as <paramref name="To"/>, for all.</param>
/// <param name="OnlyDifferent">Turns that are the same are left out.</param>
public readonly record struct RerunView(double? From, double? To, bool OnlyDifferent);
