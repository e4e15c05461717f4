namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>One setup's figures over a scenario, or over a place of the grid. Null where the scenario does not ask. Times to 10 dB of ERLE are in seconds of echo: p50 from the beginning, p95 after the loudspeaker was moved.</summary>
internal sealed record EchoFigures(
    string Setup, string Scenario, double? SignalToEcho, int? DelayMs, int Runs, double BotMinutes, int SelfTurns, int LongestChain, int FalseStops,
    int FalseDucks, int BargeIns, int Stopped, double? StopP50, double? StopP95, double? DuckP50, double? DuckP95, int UserTurns, int Unanswered,
    int FirstWordMissing, double? ErleP50, double? TenDbAfter, double? RecoveryP95)
{
    public static EchoFigures Of(string setup, string scenario, IReadOnlyList<(RunResult Run, EchoScore Score)> runs, bool isPlace = false)
    {
        var sum = new EchoScore();
        foreach (var (_, score) in runs)
            sum.Add(score);
        return new EchoFigures(
            setup, scenario, isPlace ? runs[0].Run.Point.SignalToEcho : null, isPlace ? runs[0].Run.Point.DelayMs : null, runs.Count, Math.Round(sum.BotMinutes, 3),
            sum.SelfTurns, sum.LongestChain, sum.FalseStops, sum.FalseDucks, sum.BargeIns, sum.Stopped, At(sum.StopMs, 0.5), At(sum.StopMs, 0.95),
            At(sum.DuckMs, 0.5), At(sum.DuckMs, 0.95), sum.UserTurns, sum.Unanswered, sum.FirstWordMissing, At(sum.Erle, 0.5), At(sum.ToTenDb, 0.5), At(sum.RecoveryTime, 0.95));
    }

    private static double? At(List<double> values, double share)
    {
        if (values.Count == 0)
            return null;
        var sorted = values.Order().ToArray();
        return Math.Round(sorted[(int)Math.Max(0, Math.Ceiling(share * sorted.Length) - 1)], 2);
    }
}

/// <summary>A benchmark's result.</summary>
/// <param name="Seed">Of everything.</param>
/// <param name="Quick">The small grid.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="FrameMs">Work on one 10 ms frame with all layers, one core.</param>
/// <param name="FrameBytes">Allocated by it.</param>
/// <param name="Recognisers">Who heard the words, by scenario.</param>
/// <param name="Figures">By setup and scenario, at delays up to 300 ms.</param>
/// <param name="FarDelay">The same at 600 ms.</param>
/// <param name="Places">By setup, scenario, signal to echo and delay.</param>
internal sealed record EchoReport(
    int Seed, bool Quick, double Seconds, double FrameMs, double FrameBytes, IReadOnlyDictionary<string, string> Recognisers,
    IReadOnlyList<EchoFigures> Figures, IReadOnlyList<EchoFigures> FarDelay, IReadOnlyList<EchoFigures> Places)
{
    /// <summary>What the recogniser gets while both speak; empty where it was not asked for.</summary>
    public IReadOnlyList<DoubleTalkFigures> DoubleTalk { get; init; } = [];

    public void Print(TextWriter writer)
    {
        writer.WriteLine($"seed {Seed}, {(Quick ? "quick" : "full")} grid, {Seconds:0} s; a 10 ms frame costs {FrameMs:0.000} ms and allocates {FrameBytes:0.#} bytes");
        writer.WriteLine($"words heard by: {string.Join(", ", Recognisers.Select(r => $"{r.Key} {r.Value}"))}");
        Print(writer, Figures);
        if (FarDelay.Count > 0)
        {
            writer.WriteLine($"at a delay of {EchoGrid.FarDelay} ms:");
            Print(writer, FarDelay);
        }

        if (DoubleTalk.Count == 0)
            return;
        writer.WriteLine($"double talk: both speak, the user as loud as the echo ({DoubleTalk[0].Rooms} rooms and loudspeakers); words heard by pocketsphinx-en-us");
        writer.WriteLine("  setup                 SI-SDR p50   words wrong");
        foreach (var f in DoubleTalk)
            writer.WriteLine($"  {f.Setup,-20} {f.SiSdr,8:0.0} dB   {f.Wrong}/{f.Words}");
    }

    private static void Print(TextWriter writer, IReadOnlyList<EchoFigures> figures)
    {
        foreach (var scenario in figures.GroupBy(f => f.Scenario))
        {
            writer.WriteLine($"{scenario.Key}: {EchoScenario.All.First(s => s.Id == scenario.Key).What}");
            writer.WriteLine("  setup                 bot min  loops/min  chain  stops/min  ducks/min   barge-in   stop p50/p95     duck p50/p95    lost  1st word  ERLE  10 dB in  moved");
            foreach (var f in scenario)
            {
                var minutes = Math.Max(1e-9, f.BotMinutes);
                writer.WriteLine(
                    $"  {f.Setup,-20} {f.BotMinutes,8:0.0} {f.SelfTurns / minutes,10:0.00} {f.LongestChain,6} {f.FalseStops / minutes,10:0.00} {f.FalseDucks / minutes,10:0.00} "
                    + $"{Share(f.Stopped, f.BargeIns),10} {Pair(f.StopP50, f.StopP95),15} {Pair(f.DuckP50, f.DuckP95),15} {Share(f.Unanswered, f.UserTurns),8} {Share(f.FirstWordMissing, f.UserTurns),8} {f.ErleP50,5:0.0} {InSeconds(f.TenDbAfter),9} {InSeconds(f.RecoveryP95),6}");
            }
        }
    }

    private static string Share(int part, int whole) => whole == 0 ? "-" : $"{part}/{whole}";

    private static string InSeconds(double? value) => value is null ? "-" : $"{value:0.0#} s";

    private static string Pair(double? middle, double? high) => middle is null ? "-" : $"{middle:0}/{high:0} ms";
}
