namespace VoiceConsole.Web.Data;

/// <summary>The nearest-rank percentile: always one of the values.</summary>
internal static class Percentile
{
    /// <param name="sorted">Ascending, at least one.</param>
    /// <param name="share">0 to 1.</param>
    public static double Of(IReadOnlyList<double> sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
}
