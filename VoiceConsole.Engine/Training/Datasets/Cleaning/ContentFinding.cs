namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>Unwanted content that was found.</summary>
/// <param name="Category">One of <see cref="ContentFilter.Categories"/>.</param>
/// <param name="Score">Sum of the weights of what matched, at least the category's threshold.</param>
/// <param name="Match">The first words that matched.</param>
public sealed record ContentFinding(string Category, double Score, string Match);
