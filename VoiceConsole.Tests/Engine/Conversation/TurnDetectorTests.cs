using CsCheck;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Tests.Engine.Conversation;

public class TurnDetectorTests
{
    private const int Rate = 16_000;
    private const int Frame = 160;
    private const int Window = 512;
    private static readonly ConversationOptions s_options = new();

    [Fact]
    public void The_end_of_speech_is_found_within_one_frame_and_the_turn_ends_a_hang_over_later() =>
        Gen.Select(Gen.Int[20, 200], Gen.Int[30, 400], Gen.Int[0, 3]).Sample((before, length, late) =>
        {
            var detector = new TurnDetector(s_options, Rate);
            // The detector goes on for up to three windows after the sound itself has ended, as Silero does.
            var log = Play(detector, before, length, late * Window, replying: false);
            Assert.Equal([TurnDecision.Started, TurnDecision.Ended], log.Select(l => l.Decision));
            var end = (before + length) * Frame;
            Assert.InRange(detector.LastSpeech, end - Frame, end + Frame);
            Assert.InRange(log[1].At - detector.LastSpeech, Rate * 700 / 1000, Rate * 700 / 1000 + 2 * Frame);
        });

    [Fact]
    public void A_click_is_no_turn()
    {
        var detector = new TurnDetector(s_options, Rate);
        Assert.Empty(Play(detector, 50, 5, 0, replying: false));
    }

    [Fact]
    public void Stopping_a_reply_takes_longer_speech_than_opening_a_turn()
    {
        var silent = Play(new TurnDetector(s_options, Rate), 50, 100, 0, replying: false)[0].At;
        var replying = Play(new TurnDetector(s_options, Rate), 50, 100, 0, replying: true)[0].At;
        var longer = (long)((s_options.MinBargeIn - s_options.MinSpeech).TotalSeconds * Rate);
        Assert.InRange(replying - silent, longer - Window, longer + Window);
    }

    [Fact]
    public void A_turn_that_does_not_end_is_ended()
    {
        var detector = new TurnDetector(s_options with { MaxTurn = TimeSpan.FromSeconds(5) }, Rate);
        var log = Play(detector, 10, 3000, 0, replying: false);
        Assert.Equal(TurnDecision.Ended, log[1].Decision);
        Assert.InRange(log[1].At - (10 * Frame), 5 * Rate - Window, 5 * Rate + Window);
    }

    [Fact]
    public void An_hour_of_silence_opens_no_turn()
    {
        var detector = new TurnDetector(s_options, Rate);
        Assert.Empty(Play(detector, 360_000, 0, 0, replying: false));
    }

    // Silence of a quiet room, then speech, then silence again; counts in frames, `late` in samples.
    private static List<(TurnDecision Decision, long At)> Play(TurnDetector detector, int before, int length, int late, bool replying)
    {
        var log = new List<(TurnDecision, long)>();
        long start = before * Frame, end = (before + length) * Frame;
        for (var i = 1; i <= before + length + 200; i++)
        {
            long now = i * Frame;
            Note(detector.AddFrame(now > start && now <= end ? -25 : -75, now), now);
            if (now / Window > (now - Frame) / Window)
            {
                var middle = now / Window * Window - Window / 2;
                var probability = middle > start && middle <= end + late ? 0.9f : 0.02f;
                Note(detector.AddWindow(probability, now / Window * Window, Window, (long)((replying ? s_options.MinBargeIn : s_options.MinSpeech).TotalSeconds * Rate)), now);
            }
        }

        return log;

        void Note(TurnDecision decision, long now)
        {
            if (decision != TurnDecision.None)
                log.Add((decision, now));
        }
    }
}
