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
    private static readonly (string Text, double Silence)[] s_user = [("What is the time?", 3.4), ("Good morning, what is the time?", 12), ("Where is the door?", 1)];

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
        Assert.Equal(["what is the time", "good morning what is the time", "where is the door"], events.OfType<TranscriptCompleted>().Select(e => e.Text));
        Assert.Equal(["interrupted", "answered", "answered"], events.OfType<TurnCompleted>().Select(e => e.Outcome));
        var interrupted = Assert.Single(events.OfType<TurnInterrupted>());
        Assert.InRange(interrupted.LastRendered - interrupted.Position, -160, 480);
        AssertHistoryIsWhatWasHeard(session, events);
        var loopback = WavReader.ReadAll(Path.Combine(folder / "tracks", TrackRecorder.Loopback), 16_000);
        var ends = await EndsOfSpeechAsync(folder / "tracks");
        for (var turn = 0; turn < s_user.Length; turn++)
        {
            var timeline = TurnTimeline.From(events, new TurnId(turn + 1), 16_000)!;
            // The reply before has ended by then, also the one that was stopped.
            var firstAudible = timeline.Start + Array.FindIndex(loopback[(int)timeline.Start..], s => Math.Abs(s) > Playback.AudibleLevel);
            TestContext.Current.SendDiagnosticMessage($"turn {turn + 1}: the user ends at {ends[turn]} and in the timeline at {timeline.Start}, the reply begins at {firstAudible} and {timeline.End}");
            Assert.InRange(timeline.Start - ends[turn], -160, 160);
            Assert.InRange(timeline.End - firstAudible, -160, 160);
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

    // Where the user has fallen 40 dB below each utterance's loudest 10 ms, in what the microphone recorded.
    private static async Task<List<long>> EndsOfSpeechAsync(string tracks)
    {
        var microphone = WavReader.ReadAll(Path.Combine(tracks, TrackRecorder.Microphone), 16_000);
        var ends = new List<long>();
        // The recording begins after half a second.
        var start = 8000;
        foreach (var (text, silence) in s_user)
        {
            var sound = await FliteUser.SayAsync(text);
            // The room rings on.
            var heard = microphone[start..(start + sound.Length + 4800)];
            var levels = Enumerable.Range(0, (heard.Length - 160) / 16).Select(i => Listener.Level(heard.AsSpan(16 * i, 160))).ToList();
            ends.Add(start + 16 * levels.FindLastIndex(l => l > levels.Max() - TurnDetector.SpeechRange) + 160);
            start += sound.Length + (int)(silence * 16_000);
        }

        return ends;
    }
}
