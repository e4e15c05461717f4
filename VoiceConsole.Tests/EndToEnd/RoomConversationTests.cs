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
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        ScriptedModel? model = null;
        var factory = new ConversationFactory(Parts.Store, new ConsolePaths(folder.Path));
        await using var session = await factory.CreateSessionAsync(
            new ConversationRequest { Device = "room", Room = "desk", VirtualTime = true, Output = folder.Path, Microphone = await UserAsync(folder) },
            null, TestContext.Current.CancellationToken,
            (engines, time) => engines with
            {
                Model = new ReplyStream(
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

    // The user asks, speaks over the reply, and asks once more.
    private static async Task<string> UserAsync(TempFolder folder)
    {
        await using var voice = await new EngineLoader(Parts.Store, TaskScheduler.Default).VoiceAsync("flite-rms", TestContext.Current.CancellationToken);
        var sound = new List<float>();
        foreach (var (text, silence) in new[] { ("What is the time?", 3.4), ("Please stop now.", 6), ("Thank you very much.", 1) })
        {
            await foreach (var audio in voice.SynthesizeAsync(text, "en", TestContext.Current.CancellationToken))
                sound.AddRange(Resampler.Convert(audio.Samples.Span, audio.SampleRate, 16_000));
            sound.AddRange(new float[(int)(silence * 16_000)]);
        }

        var file = folder / "user.wav";
        WavWriter.WriteAll(file, sound.ToArray(), 16_000);
        return file;
    }
}
