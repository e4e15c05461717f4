using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Commands.Bench;

/// <param name="Asked">Swaps that were to be made.</param>
/// <param name="Swaps">Made, by kind.</param>
/// <param name="SwapsFailed">Refused.</param>
/// <param name="Spoken">What the user said.</param>
/// <param name="Unheard">Of that, what began no turn.</param>
/// <param name="Turns">Turns by how they ended.</param>
/// <param name="TurnsLost">Turns that failed, or never ended.</param>
/// <param name="TurnsMixed">Turns in which two engines of one kind served.</param>
/// <param name="FramesLost">Overruns of the device.</param>
/// <param name="Memory">Bytes of the process each time the same engines served, after all had served once, garbage collected.</param>
internal sealed record SwapsResult(
    int Asked, IReadOnlyDictionary<string, int> Swaps, int SwapsFailed, int Spoken, int Unheard, IReadOnlyDictionary<string, int> Turns, int TurnsLost, int TurnsMixed,
    long FramesLost, IReadOnlyList<long> Memory, TimeSpan Took)
{
    // Of the memory: a start and an end to compare, each the middle one of several.
    private const int Fewest = 6;

    private const double MostGrowth = 0.02;

    // The detector needs a moment to be sure, and a word may fade in.
    private static readonly long s_tolerance = AudioFormat.Engine.ToSamples(TimeSpan.FromSeconds(0.7));

    /// <summary>How much the memory grew from the first third of its readings to the last; null with too few swaps to tell.</summary>
    public double? Growth => Memory.Count < Fewest ? null : ((double)Middle(Memory.TakeLast(Memory.Count / 3)) / Middle(Memory.Take(Memory.Count / 3))) - 1;

    /// <summary>Why turns failed.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>Every swap was made, and nothing was lost by it.</summary>
    public bool IsGood => Swaps.Values.Sum() == Asked && SwapsFailed + Unheard + TurnsLost + TurnsMixed == 0 && FramesLost == 0 && Growth is null or <= MostGrowth;

    /// <param name="asked">Swaps that were to be made.</param>
    /// <param name="events">Of the whole conversation.</param>
    /// <param name="lines">Where on its clock the user spoke.</param>
    /// <param name="memory">Readings whenever the same engines served; the first before all had.</param>
    public static SwapsResult Of(int asked, IReadOnlyList<TurnEvent> events, IReadOnlyList<(long Start, long End)> lines, IReadOnlyList<long> memory, TimeSpan took)
    {
        var begun = events.OfType<SpeechStarted>().ToList();
        var ended = events.OfType<TurnCompleted>().ToList();
        var served = events.OfType<SynthesisStarted>().Select(s => (s.Turn, s.Voice)).Distinct().CountBy(s => s.Turn).Count(t => t.Value > 1)
            + events.OfType<GenerationStarted>().Select(g => (g.Turn, g.Model)).Distinct().CountBy(g => g.Turn).Count(t => t.Value > 1);
        return new SwapsResult(
            asked, events.OfType<EngineSwapped>().CountBy(s => s.Kind).ToDictionary(), events.OfType<EngineSwapFailed>().Count(),
            lines.Count, lines.Count(l => !begun.Exists(b => b.SpeechPosition > l.Start - s_tolerance && b.SpeechPosition < l.End + s_tolerance)),
            ended.CountBy(t => t.Outcome).ToDictionary(),
            ended.Count(t => t.Outcome == "failed") + begun.Select(b => b.Turn).Except(ended.Select(t => t.Turn)).Count(), served,
            events.OfType<DeviceChanged>().LastOrDefault()?.Overruns ?? 0, [.. memory.Skip(1)], took)
        {
            Failures = [.. events.OfType<TurnFailed>().Select(f => $"turn {f.Turn.Value}: {f.Stage}: {f.Error}")],
        };
    }

    public void Print(TextWriter writer)
    {
        writer.WriteLine($"swaps    {Swaps.Values.Sum()} of {Asked} made ({Counts(Swaps)}), {SwapsFailed} failed, in {Took.TotalSeconds:0} s");
        writer.WriteLine($"turns    {Spoken} spoken, {Unheard} unheard; {Counts(Turns)}; {TurnsLost} lost, {TurnsMixed} of mixed engines; {FramesLost} frames lost");
        foreach (var failure in Failures)
            writer.WriteLine($"         {failure}");
        writer.WriteLine(Growth is { } growth
            ? $"memory   {growth * 100:+0.0;-0.0} %, {Middle(Memory.Take(Memory.Count / 3)) / 1e6:0.0} MB in the first third and {Middle(Memory.TakeLast(Memory.Count / 3)) / 1e6:0.0} MB in the last, read {Memory.Count} times"
            : "memory   not compared: too few swaps for the same engines to come back often enough");
    }

    private static string Counts(IReadOnlyDictionary<string, int> counts) => string.Join(", ", counts.Select(c => $"{c.Value} {c.Key}"));

    private static long Middle(IEnumerable<long> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
