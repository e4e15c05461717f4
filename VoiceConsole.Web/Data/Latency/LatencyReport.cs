using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Web.Data;

/// <summary>Percentiles of some times, in milliseconds.</summary>
public sealed record LatencyFigures(string Name, int Turns, double P50, double P95, double P99, double Most)
{
    public static LatencyFigures Of(string name, IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? new LatencyFigures(name, 0, 0, 0, 0, 0)
            : new LatencyFigures(name, sorted.Length, Percentile.Of(sorted, 0.5), Percentile.Of(sorted, 0.95), Percentile.Of(sorted, 0.99), sorted[^1]);
    }
}

/// <summary>A turn over the budget, and the stage that took most above what it usually takes.</summary>
/// <param name="Excess">Above the stage's median, in milliseconds.</param>
public sealed record BrokenBudget(LatencyTurn Turn, int Stage, double Excess);

/// <summary>A number of turns that follow each other.</summary>
/// <param name="At">The middle one's.</param>
public sealed record LatencyGroup(LatencyFigures Figures, LatencyTurn Slowest, DateTimeOffset At);

/// <summary>So many turns between two times, the upper one exclusive, in milliseconds.</summary>
public sealed record LatencyBin(double From, double To, int Turns);

/// <summary>What a number of turns say together. Pure: made from the turns alone.</summary>
public sealed class LatencyReport
{
    private const int Bins = 40;

    /// <param name="turns">Oldest first.</param>
    /// <param name="budget">Milliseconds that no turn should exceed; null for none.</param>
    public LatencyReport(IReadOnlyList<LatencyTurn> turns, double? budget)
    {
        (Turns, Budget) = (turns, budget);
        Whole = LatencyFigures.Of("voice-to-voice", turns.Select(t => t.Ms));
        Stages = [.. TurnTimeline.StageNames.Select((name, i) => LatencyFigures.Of(name, turns.Select(t => t.StageMs[i])))];
        Models = [.. turns.GroupBy(t => t.Model).Select(g => LatencyFigures.Of(g.Key, g.Select(t => t.Ms))).OrderByDescending(m => m.Turns)];
        Broken = [.. turns.Where(t => t.Ms > budget).Select(Blame).OrderByDescending(b => b.Turn.Ms)];
        Distribution = Distribute();
    }

    public IReadOnlyList<LatencyTurn> Turns { get; }

    public double? Budget { get; }

    public LatencyFigures Whole { get; }

    /// <summary>In the order of the stages.</summary>
    public IReadOnlyList<LatencyFigures> Stages { get; }

    /// <summary>Those with most turns first.</summary>
    public IReadOnlyList<LatencyFigures> Models { get; }

    /// <summary>The slowest first.</summary>
    public IReadOnlyList<BrokenBudget> Broken { get; }

    /// <summary>From 0 to the slowest; empty without turns.</summary>
    public IReadOnlyList<LatencyBin> Distribution { get; }

    /// <summary>The turns in at most so many groups of equal size, the last perhaps smaller.</summary>
    /// <param name="most">Groups.</param>
    /// <param name="stage">Whose times are meant; null for those of the whole turns.</param>
    public IReadOnlyList<LatencyGroup> Groups(int most, int? stage = null)
    {
        var size = Math.Max(1, (Turns.Count + most - 1) / most);
        return [.. Turns.Chunk(size).Select(g => new LatencyGroup(LatencyFigures.Of("", g.Select(t => t.Of(stage))), g.MaxBy(t => t.Of(stage))!, g[g.Length / 2].At))];
    }

    private BrokenBudget Blame(LatencyTurn turn)
    {
        var stage = Enumerable.Range(0, Stages.Count).MaxBy(i => turn.StageMs[i] - Stages[i].P50);
        return new BrokenBudget(turn, stage, turn.StageMs[stage] - Stages[stage].P50);
    }

    private LatencyBin[] Distribute()
    {
        if (Turns.Count == 0)
            return [];
        var width = RoundUp(Math.Max(1, Whole.Most) / Bins);
        var counts = new int[(int)(Whole.Most / width) + 1];
        foreach (var turn in Turns)
            counts[(int)(Math.Max(0, turn.Ms) / width)]++;
        return [.. counts.Select((count, i) => new LatencyBin(i * width, (i + 1) * width, count))];
    }

    /// <summary>The next of 1, 2, 5, 10, 20 and so on.</summary>
    public static double RoundUp(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return (value / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }
}
