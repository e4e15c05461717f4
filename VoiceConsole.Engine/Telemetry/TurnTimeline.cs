using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Engine.Telemetry;

/// <summary>
/// Where the time of one turn went, from the user's last speech sample to the first audible sample of the reply. Pure: made
/// from the turn's events alone. The stages follow each other without gap or overlap, so they add up to
/// <see cref="VoiceToVoice"/> exactly; a mark that the events lack, or that came after a later one, makes an empty stage.
/// </summary>
public sealed record TurnTimeline(TurnId Turn, int SampleRate, IReadOnlyList<TimelineStage> Stages)
{
    /// <summary>Stage names in order, in the field's terms.</summary>
    public static readonly IReadOnlyList<string> StageNames =
        ["end-of-turn delay", "final transcript", "time to first token", "first sentence", "time to first byte", "first audible sample"];

    /// <summary>Position of the last speech sample (or of the typed text).</summary>
    public long Start => Stages[0].Start;

    /// <summary>Position of the first audible sample of the reply.</summary>
    public long End => Stages[^1].End;

    /// <summary>Voice-to-voice latency.</summary>
    public TimeSpan VoiceToVoice => TimeSpan.FromSeconds((End - Start) / (double)SampleRate);

    /// <summary>The timeline of <paramref name="turn"/>, or null while it has no audible reply.</summary>
    public static TurnTimeline? From(IEnumerable<TurnEvent> events, TurnId turn, int sampleRate)
    {
        ArgumentNullException.ThrowIfNull(events);
        // One mark for the start and one for the end of each stage; NaN of this world is -1.
        Span<long> marks = stackalloc long[StageNames.Count + 1];
        marks.Fill(-1);
        foreach (var e in events)
        {
            if (e.Turn != turn)
                continue;
            switch (e)
            {
                case SpeechEnded ended: marks[0] = ended.LastSpeechPosition; marks[1] = ended.Position; break;
                case TextTyped typed: marks[0] = marks[1] = marks[2] = typed.Position; break;
                case TranscriptCompleted done: marks[2] = done.Position; break;
                case TokenGenerated token when marks[3] < 0: marks[3] = token.Position; break;
                case SentenceCompleted sentence when marks[4] < 0: marks[4] = sentence.Position; break;
                case SpeechSynthesized speech when marks[5] < 0: marks[5] = speech.Position; break;
                case PlaybackStarted started when marks[6] < 0: marks[6] = started.Position; break;
                default: break;
            }
        }

        if (marks[0] < 0 || marks[^1] < 0)
            return null;
        // From the end backwards no mark may lie after its successor, or before the start.
        for (var i = marks.Length - 2; i > 0; i--)
            marks[i] = marks[i] < 0 ? marks[i + 1] : Math.Clamp(marks[i], marks[0], marks[i + 1]);
        var stages = new TimelineStage[StageNames.Count];
        for (var i = 0; i < stages.Length; i++)
            stages[i] = new TimelineStage(StageNames[i], marks[i], marks[i + 1], sampleRate);
        return new TurnTimeline(turn, sampleRate, stages);
    }
}

/// <summary>One stage: sample positions of its two ends.</summary>
public sealed record TimelineStage(string Name, long Start, long End, int SampleRate)
{
    public TimeSpan Duration => TimeSpan.FromSeconds((End - Start) / (double)SampleRate);
}
