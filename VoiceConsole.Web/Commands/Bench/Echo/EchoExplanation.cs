using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>What the guard saw where it did wrong: for those who want to better it.</summary>
internal static class EchoExplanation
{
    private const int Rate = 16_000;

    // Samples after its onset at which a barge-in should have stopped the reply.
    private const int Late = Rate * 35 / 100;

    /// <summary>Writes each missed or late barge-in, each unanswered sentence and each false stop of a run with the verdicts around it.</summary>
    public static void Write(RunResult run, TextWriter writer)
    {
        foreach (var sound in run.Sounds.Where(s => s.Text.Length > 0 && s.OverReply))
        {
            var stop = run.Events.OfType<TurnInterrupted>().FirstOrDefault(e => e.By == "speech" && e.LastRendered > sound.Start && e.LastRendered <= sound.Start + Rate);
            if (stop is null)
                Write(run, $"missed “{sound.Text}”, {(sound.End - sound.Start) * 1000 / Rate} ms long", sound.Start, writer);
            else if (stop.LastRendered > sound.Start + Late)
                Write(run, $"late by {(stop.LastRendered - sound.Start - Late) * 1000 / Rate} ms for “{sound.Text}”", sound.Start, writer);
        }

        foreach (var sound in run.Sounds.Where(s => s.Text.Length > 0 && !s.OverReply && !EchoScore.IsAnswered(run, s)))
            Write(run, $"did not answer “{sound.Text}”, {(sound.End - sound.Start) * 1000 / Rate} ms long", sound.Start, writer);

        foreach (var stop in run.Events.OfType<TurnInterrupted>().Where(e => e.By == "speech"))
        {
            if (!run.Sounds.Any(s => s.Text.Length > 0 && s.Start < stop.Position && stop.Position < s.End + Rate))
                Write(run, run.Sounds.Any(s => s.Start < stop.Position && stop.Position < s.End + Rate) ? "stopped for a sound" : "stopped for nothing", stop.Position - Rate, writer);
        }
    }

    private static void Write(RunResult run, string what, long from, TextWriter writer)
    {
        var p = run.Point;
        writer.WriteLine(
            $"{run.Scenario.Id} {run.Setup.Name}: {what} at {from / (double)Rate:0.0} s; {p.SignalToEcho} dB, {p.DelayMs} ms, RT60 {p.ReverberationTime}, {p.Loudspeaker}, drift {p.DriftPpm}, {p.Noise}, {(p.Mandarin ? "zh" : p.UserVoice)}");
        foreach (var verdict in run.Events.OfType<VerdictReached>().Where(v => v.Position > from - Rate / 4 && v.Position < from + 2 * Rate))
            writer.WriteLine($"    {(verdict.Position - from) * 1000 / Rate,5} ms {verdict.Verdict,-11} {string.Join(", ", verdict.Evidence.Select(e => $"{e.Key} {e.Value:0.##}"))}");
        foreach (var turnEvent in run.Events.Where(e => e is SpeechStarted or SpeechEnded or TurnDropped or TurnCompleted or PlaybackStarted or PlaybackFinished).Where(e => e.Position > from - 2 * Rate && e.Position < from + 3 * Rate))
            writer.WriteLine($"    {(turnEvent.Position - from) * 1000 / Rate,5} ms {turnEvent}");
        foreach (var heard in run.Events.OfType<TranscriptCompleted>().Where(t => t.Position > from && t.Position < from + 3 * Rate))
            writer.WriteLine($"    {(heard.Position - from) * 1000 / Rate,5} ms heard “{heard.Text}”");
    }
}
