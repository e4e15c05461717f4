using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>
/// What one run was worth: its events held against what really sounded in the room. Times are on the device's sample clock:
/// from the sound's first sample at the microphone to the sample that left for the loudspeaker.
/// </summary>
internal sealed class EchoScore
{
    private const int Rate = 16_000;

    public double BotMinutes { get; private set; }

    /// <summary>Turns that began though nobody in the room had made a sound.</summary>
    public int SelfTurns { get; private set; }

    /// <summary>Of these, how many followed one another with answers in between, at most.</summary>
    public int LongestChain { get; private set; }

    /// <summary>Replies stopped by a voice though no user had said a word.</summary>
    public int FalseStops { get; private set; }

    /// <summary>Times the reply was lowered and came back though nothing had sounded in the room.</summary>
    public int FalseDucks { get; private set; }

    /// <summary>The user spoke over the reply; stopped within a second of his onset.</summary>
    public int BargeIns { get; private set; }

    public int Stopped { get; private set; }

    public List<double> StopMs { get; } = [];

    public List<double> DuckMs { get; } = [];

    /// <summary>Sentences the user said.</summary>
    public int UserTurns { get; private set; }

    /// <summary>Of these, not answered at all.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Of these, answered without their first word.</summary>
    public int FirstWordMissing { get; private set; }

    public List<double> Erle { get; } = [];

    /// <summary>Seconds of echo from the beginning until 10 dB of it go.</summary>
    public List<double> ToTenDb { get; } = [];

    /// <summary>The same after the loudspeaker was moved.</summary>
    public List<double> RecoveryTime { get; } = [];

    public static EchoScore Of(RunResult run)
    {
        var score = new EchoScore();
        score.Erle.AddRange(run.Erle);
        score.ToTenDb.AddRange(TimeToTenDb(run.Erle, 0));
        score.RecoveryTime.AddRange(run.Moves.SelectMany(move => TimeToTenDb(run.Erle, move)));
        score.JudgeReplies(run);
        score.JudgeSelfTurns(run);
        foreach (var sound in run.Sounds.Where(s => s.Text.Length > 0))
            score.JudgeUser(run, sound);
        return score;
    }

    public void Add(EchoScore other)
    {
        BotMinutes += other.BotMinutes;
        SelfTurns += other.SelfTurns;
        LongestChain = Math.Max(LongestChain, other.LongestChain);
        FalseStops += other.FalseStops;
        FalseDucks += other.FalseDucks;
        BargeIns += other.BargeIns;
        Stopped += other.Stopped;
        UserTurns += other.UserTurns;
        Unanswered += other.Unanswered;
        FirstWordMissing += other.FirstWordMissing;
        StopMs.AddRange(other.StopMs);
        DuckMs.AddRange(other.DuckMs);
        Erle.AddRange(other.Erle);
        ToTenDb.AddRange(other.ToTenDb);
        RecoveryTime.AddRange(other.RecoveryTime);
    }

    /// <summary>The console has begun to answer what was said.</summary>
    public static bool IsAnswered(RunResult run, RoomSound sound) => Answered(run, sound) is not null;

    private static TranscriptCompleted? Answered(RunResult run, RoomSound sound)
    {
        var turns = run.Events.OfType<SpeechStarted>().Where(e => e.Position > sound.Start && e.SpeechPosition < sound.End).Select(e => e.Turn).ToHashSet();
        var answered = run.Events.OfType<GenerationStarted>().Where(e => turns.Contains(e.Turn)).Select(e => e.Turn).ToHashSet();
        return run.Events.OfType<TranscriptCompleted>().FirstOrDefault(e => answered.Contains(e.Turn));
    }

    private static IEnumerable<double> TimeToTenDb(IReadOnlyList<double> erle, int from)
    {
        for (var i = from; i < erle.Count; i++)
        {
            if (erle[i] < 10)
                continue;
            yield return (i - from + 1) * EchoMeter.BlockSeconds;
            yield break;
        }
    }

    private void JudgeReplies(RunResult run)
    {
        foreach (var started in run.Events.OfType<PlaybackStarted>())
        {
            var end = run.Events.OfType<PlaybackFinished>().FirstOrDefault(e => e.Turn == started.Turn)?.Position ?? run.Length;
            BotMinutes += (end - started.Position) / (60.0 * Rate);
        }

        FalseDucks = run.Events.OfType<PlaybackRestored>().Count(e => !run.Sounds.Any(s => s.Start < e.Position && e.Position < s.End + Rate));
        FalseStops = run.Events.OfType<TurnInterrupted>()
            .Count(e => e.By == "speech" && !run.Sounds.Any(s => s.Text.Length > 0 && s.Start < e.Position && e.Position < s.End + Rate));
    }

    private void JudgeSelfTurns(RunResult run)
    {
        var answered = run.Events.OfType<GenerationStarted>().Select(e => e.Turn).ToHashSet();
        var typed = run.Events.OfType<TextTyped>().Select(e => e.Turn).ToHashSet();
        var chain = 0;
        foreach (var turn in run.Events.OfType<TurnCompleted>().Select(e => e.Turn))
        {
            var speech = run.Events.OfType<SpeechStarted>().FirstOrDefault(e => e.Turn == turn);
            var isSelf = speech is not null && !run.Sounds.Any(s => s.Start < speech.Position && speech.SpeechPosition < s.End + Rate / 2);
            SelfTurns += isSelf ? 1 : 0;
            if (isSelf && answered.Contains(turn))
                LongestChain = Math.Max(LongestChain, ++chain);
            else if (typed.Contains(turn) || answered.Contains(turn))
                chain = 0;
        }
    }

    private void JudgeUser(RunResult run, RoomSound sound)
    {
        if (sound.OverReply)
        {
            BargeIns++;
            var stop = run.Events.OfType<TurnInterrupted>().FirstOrDefault(e => e.By == "speech" && e.LastRendered > sound.Start && e.LastRendered <= sound.Start + Rate);
            if (stop is not null)
            {
                Stopped++;
                StopMs.Add((stop.LastRendered - sound.Start) * 1000.0 / Rate);
                // Without a duck the first attenuated sample is the first that is not there.
                var lowered = run.Events.OfType<PlaybackLowered>().FirstOrDefault(e => e.Turn == stop.Turn && e.Position > sound.Start && e.Position < stop.LastRendered);
                DuckMs.Add(((lowered?.Position ?? stop.LastRendered) - sound.Start) * 1000.0 / Rate);
            }
        }

        UserTurns++;
        var heard = Answered(run, sound);
        if (heard is null)
            Unanswered++;
        else if (!run.Scenario.JudgesWords && sound.Words is [var first, ..] && !heard.Text.Contains(sound.Text.Substring(first.TextStart, first.TextLength), StringComparison.Ordinal))
            FirstWordMissing++;
    }
}
