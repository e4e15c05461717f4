using System.Globalization;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>What was asked of a figure.</summary>
/// <param name="Name">Of the figure.</param>
/// <param name="Figure">As measured; null where nothing was measured, which reaches nothing.</param>
/// <param name="Limit">The largest figure that will do, or the smallest.</param>
/// <param name="AtLeast">More is better.</param>
internal sealed record Target(string Name, double? Figure, double Limit, bool AtLeast = false)
{
    public bool IsReached => AtLeast ? Figure >= Limit : Figure <= Limit;

    /// <summary>For a line that shows the figure.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"[target {(AtLeast ? "≥" : "≤")} {Limit:0.##}: {(IsReached ? "reached" : Figure is null ? "not measured" : "missed")}]");

    /// <summary>All of a benchmark's: reached, or not.</summary>
    public static int ExitCode(IEnumerable<Target> targets) => targets.All(t => t.IsReached) ? Commands.ExitCode.Ok : Commands.ExitCode.Failed;
}
