using Microsoft.Extensions.AI;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>Sound in, sound out, with the real engines in a room whose loudspeaker leaks into the microphone; only the language model is scripted.</summary>
public class RoomConversationTests
{
    [Fact]
    public async Task ThreeTurnsWithOneBargeIn_AreHeardAnsweredAndStopped_AndTheConsoleNeverAnswersItself()
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng", "voiceconsole-chat" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        ScriptedModel? model = null;
        var factory = new ConversationFactory(Parts.Store, new ConsolePaths(folder.Path));
        await using var session = await factory.CreateSessionAsync(
            new ConversationRequest { Device = "room", Room = "desk", VirtualTime = true, Output = folder.Path, Microphone = await FliteUser.RecordAsync(folder, ("What is the time?", 3.4), ("Please stop now.", 6), ("Thank you very much.", 1)) },
            null, TestContext.Current.CancellationToken,
            (engines, time) => engines with
            {
                Language = new LanguageEngine(
                    model = new ScriptedModel(time, "It is early in the morning, and the sun is about to rise over the quiet hills behind the old town.", "All right.", "Good bye."),
                    "script", null, null, new ConversationOptions(), time),
            });
        using var subscription = session.Events.SubscribeLossless();

        session.Start();
        await session.Completion;

        var events = new List<TurnEvent>();
        while (subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        TestContext.Current.SendDiagnosticMessage(string.Join('\n', events.Where(e => e is not (TokenGenerated or WordHeard or TranscriptChanged))));
        Assert.Equal(3, events.OfType<TurnCompleted>().Count(e => e.Outcome is "answered" or "interrupted"));
        Assert.Equal("what is the time", events.OfType<TranscriptCompleted>().First().Text);
        var interrupted = Assert.Single(events.OfType<TurnInterrupted>());
        Assert.Equal(new TurnId(1), interrupted.Turn);
        Assert.InRange(interrupted.LastRendered - interrupted.Position, -160, 480);
        var heard = events.OfType<PlaybackFinished>().First().HeardText;
        Assert.StartsWith("It is early", heard, StringComparison.Ordinal);
        Assert.DoesNotContain("town", heard, StringComparison.Ordinal);
        Assert.StartsWith(heard, model!.Prompts[1].First(m => m.Role == ChatRole.Assistant).Text, StringComparison.Ordinal);
        Assert.Equal(3, model.Prompts.Count);
    }

    [Fact]
    public async Task EveryEngineIsReal_AQuestionIsAnsweredAloud()
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng", "llama" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        await using var session = await new ConversationFactory(Parts.Store, new ConsolePaths(folder.Path)).CreateAsync(
            new ConversationRequest
            {
                Device = "room",
                Room = "desk",
                VirtualTime = true,
                Output = folder / "tracks",
                Microphone = await FliteUser.RecordAsync(folder, ("What is the time?", 1)),
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
        Assert.Equal("answered", Assert.Single(events.OfType<TurnCompleted>()).Outcome);
        Assert.Equal("what is the time", Assert.Single(events.OfType<TranscriptCompleted>()).Text);
        var loopback = WavReader.ReadAll(Path.Combine(folder / "tracks", TrackRecorder.Loopback), 16_000);
        Assert.InRange(Array.FindIndex(loopback, s => Math.Abs(s) > 0.001f), events.OfType<PlaybackStarted>().Single().Position - 160, events.OfType<PlaybackStarted>().Single().Position + 160);
        Assert.NotEmpty(events.OfType<PlaybackFinished>().Single().HeardText);
    }
}
