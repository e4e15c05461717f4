using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>The real canceller and detector in simulated rooms: the console stops for the user and never for itself.</summary>
public class BargeInTests
{
    private const string LongReply = "It is early in the morning, and the sun is about to rise over the quiet hills behind the old town.";

    [Theory]
    [InlineData("headphones", 2.6)]
    [InlineData("desk", 2.6)]
    [InlineData("desk", 2.86)]
    [InlineData("desk", 3.25)]
    [InlineData("desk", 3.64)]
    [InlineData("office", 2.6)]
    [InlineData("office", 2.99)]
    [InlineData("office", 3.38)]
    public async Task UserSpeaksOverTheReply_ItStopsBeforeTheUserHasFinished(string room, double silence)
    {
        using var folder = new TempFolder();
        var question = await FliteUser.SayAsync("What is the time?");
        var interruption = await FliteUser.SayAsync("Please stop now.");
        float[] user = [.. question, .. new float[(int)(silence * 16_000)], .. interruption, .. new float[16_000 * 4]];

        var events = await RunAsync(folder, room, user, LongReply, "All right.");

        var onset = 8000 + question.Length + (int)(silence * 16_000);
        var stop = Assert.Single(events.OfType<TurnInterrupted>());
        Assert.InRange(stop.Position, onset, onset + interruption.Length);
        Assert.DoesNotContain("town", events.OfType<PlaybackFinished>().First().HeardText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("headphones")]
    [InlineData("desk")]
    [InlineData("office")]
    [InlineData("living")]
    [InlineData("hall")]
    public async Task ConsoleTalksAlone_ItNeitherStopsNorAnswersItself(string room)
    {
        using var folder = new TempFolder();
        float[] user = [.. await FliteUser.SayAsync("What is the time?"), .. new float[16_000 * 25]];

        var events = await RunAsync(folder, room, user, string.Join(' ', Enumerable.Repeat(LongReply, 4)));

        Assert.Single(events.OfType<SpeechStarted>());
        Assert.Empty(events.OfType<TurnInterrupted>());
        Assert.Equal("answered", Assert.Single(events.OfType<TurnCompleted>()).Outcome);
    }

    private static async Task<IReadOnlyList<TurnEvent>> RunAsync(TempFolder folder, string room, float[] user, params string[] replies)
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "espeak-ng", "voiceconsole-chat" })
            await Parts.FoldersAsync(part);
        var file = folder / "user.wav";
        WavWriter.WriteAll(file, user, 16_000);
        await using var session = await new ConversationFactory(Parts.Store, new ConsolePaths(folder.Path)).CreateSessionAsync(
            new ConversationRequest { Device = "room", Room = room, VirtualTime = true, Microphone = file, Options = new ConversationOptions { Record = false } },
            null, TestContext.Current.CancellationToken,
            (engines, time) => engines with { Language = new LanguageEngine(new ScriptedModel(time, replies), "script", null, null, new ConversationOptions(), time) });
        using var subscription = session.Events.SubscribeLossless();
        session.Start();
        await session.Completion;
        var events = new List<TurnEvent>();
        while (subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        return events;
    }
}
