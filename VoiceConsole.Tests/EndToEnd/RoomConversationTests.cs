using Microsoft.Extensions.AI;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>Sound in, sound out, every engine real, in a room whose loudspeaker leaks into the microphone.</summary>
public class RoomConversationTests
{
    private static readonly (string Text, double Silence)[] s_user = [("What is the time?", 3.4), ("Please stop now.", 12), ("Thank you very much.", 1)];

    [Fact]
    public async Task ThreeTurnsWithOneBargeIn_AreHeardAnsweredAndStopped_AndTheTracksShowTheLatency()
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng", "llama" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        var user = await FliteUser.RecordAsync(folder, s_user);
        await using var session = await new ConversationFactory(Parts.Store, new ConsolePaths(folder.Path)).CreateSessionAsync(
            new ConversationRequest
            {
                Device = "room",
                Room = "desk",
                VirtualTime = true,
                Output = folder / "tracks",
                Microphone = user,
                LanguageModel = TinyLlama.Require(folder),
                Options = new ConversationOptions { MaxReplyTokens = 40 },
            },
            null, TestContext.Current.CancellationToken);
        using var subscription = session.Events.SubscribeLossless();

        session.Start();
        await session.Completion;

        var events = new List<TurnEvent>();
        while (subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        TestContext.Current.SendDiagnosticMessage(string.Join('\n', events.Where(e => e is not (TokenGenerated or WordHeard or TranscriptChanged))));
        Assert.Equal(["what is the time", "please stop now", "thank you very much"], events.OfType<TranscriptCompleted>().Select(e => e.Text));
        Assert.Equal(["interrupted", "answered", "answered"], events.OfType<TurnCompleted>().Select(e => e.Outcome));
        var interrupted = Assert.Single(events.OfType<TurnInterrupted>());
        Assert.InRange(interrupted.LastRendered - interrupted.Position, -160, 480);
        AssertHistoryIsWhatWasHeard(session, events);
        var microphone = WavReader.ReadAll(Path.Combine(folder / "tracks", TrackRecorder.Microphone), 16_000);
        var loopback = WavReader.ReadAll(Path.Combine(folder / "tracks", TrackRecorder.Loopback), 16_000);
        // In the second turn the reply before is in the microphone, too.
        foreach (var turn in new[] { new TurnId(1), new TurnId(3) })
        {
            var timeline = TurnTimeline.From(events, turn, 16_000)!;
            var began = (int)events.OfType<SpeechStarted>().Single(e => e.Turn == turn).SpeechPosition;
            var firstAudible = timeline.Start + Array.FindIndex(loopback[(int)timeline.Start..], s => Math.Abs(s) > Playback.AudibleLevel);
            TestContext.Current.SendDiagnosticMessage($"turn {turn}: speech ends at {EndOfSpeech(microphone, began)} in the track, at {timeline.Start} in the timeline; reply at {firstAudible} and {timeline.End}");
            Assert.InRange(timeline.Start - EndOfSpeech(microphone, began), -160, 160);
            Assert.InRange(timeline.End - firstAudible, -1, 1);
        }
    }

    private static void AssertHistoryIsWhatWasHeard(ConversationSession session, List<TurnEvent> events)
    {
        var heard = events.OfType<PlaybackFinished>().Select(e => e.HeardText).ToList();
        var written = events.OfType<TokenGenerated>().GroupBy(e => e.Turn).Select(turn => string.Concat(turn.Select(t => t.Text)).Trim()).ToList();
        Assert.Equal(written[1..], heard[1..]);
        Assert.StartsWith(heard[0], written[0], StringComparison.Ordinal);
        Assert.InRange(heard[0].Length, 1, written[0].Length - 1);
        var history = session.Pipeline.Turns.History.Messages;
        Assert.Equal(heard, history.Where(m => m.Role == ChatRole.Assistant).Select(m => m.Text));
        Assert.Equal([true, false, false], history.Where(m => m.Role == ChatRole.Assistant).Select(m => m.AdditionalProperties?.ContainsKey(SpokenHistory.Interrupted) == true));
    }

    // After the last 10 ms that are not 40 dB below the utterance's loudest, before a pause of 400 ms.
    private static int EndOfSpeech(float[] track, int from)
    {
        var levels = Enumerable.Range(0, 300).Select(i => Listener.Level(track.AsSpan(from + i * 160, 160))).ToArray();
        var loudest = levels[0];
        var end = 0;
        for (var i = 0; i < levels.Length && i - end < 40; i++)
        {
            loudest = Math.Max(loudest, levels[i]);
            if (levels[i] > loudest - TurnDetector.SpeechRange)
                end = i + 1;
        }

        return from + end * 160;
    }
}
