using CsCheck;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Tests.Engine;

public class TurnTimelineTests
{
    private static readonly TurnId s_turn = new(7);

    [Fact]
    public void Stages_add_up_to_voice_to_voice_whatever_the_marks() =>
        Gen.Select(Gen.Long[0, 100_000], Gen.Long[0, 500_000].Array[6], Gen.Bool.Array[6]).Sample((start, at, present) =>
        {
            var events = new List<TurnEvent> { new SpeechEnded(s_turn, at[0], start) };
            if (present[1]) events.Add(new TranscriptCompleted(s_turn, at[1], "x", "en", null));
            if (present[2]) events.Add(new TokenGenerated(s_turn, at[2], 0, "x"));
            if (present[3]) events.Add(new SentenceCompleted(s_turn, at[3], 0, 0, "x"));
            if (present[4]) events.Add(new SpeechSynthesized(s_turn, at[4], 0, 0, 100));
            events.Add(new PlaybackStarted(s_turn, start + at[5]));
            var timeline = TurnTimeline.From(events, s_turn, 16_000);
            Assert.NotNull(timeline);
            Assert.Equal(TurnTimeline.StageNames, timeline.Stages.Select(s => s.Name));
            Assert.Equal(at[5], timeline.Stages.Sum(s => s.End - s.Start));
            Assert.All(timeline.Stages, s => Assert.True(s.End >= s.Start));
            Assert.All(timeline.Stages.Zip(timeline.Stages.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
        });

    [Fact]
    public void A_turn_that_was_never_audible_has_none() =>
        Assert.Null(TurnTimeline.From([new SpeechEnded(s_turn, 10, 5), new TurnDropped(s_turn, 11, "no words were heard")], s_turn, 16_000));

    [Fact]
    public void Another_turns_events_do_not_count() =>
        Assert.Null(TurnTimeline.From([new SpeechEnded(s_turn, 10, 5), new PlaybackStarted(s_turn.Next(), 11)], s_turn, 16_000));
}
