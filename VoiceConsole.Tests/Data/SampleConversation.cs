using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

/// <summary>Events of a conversation, as the engine publishes them.</summary>
internal static class SampleConversation
{
    public static TurnWriter Writer(Database database) => new(database.Paths, () => Task.FromResult(database), TimeProvider.System);

    public static ConversationStarted Started(Guid id, DateTimeOffset at) => new(id, at, 16_000, "room", "pocketsphinx", "tiny", "flite", "speex");

    public static TurnEvent[] Turn(long number, string user = "hello", string outcome = "answered")
    {
        var id = new TurnId(number);
        var at = number * 100_000;
        return
        [
            new SpeechStarted(id, at + 1600, at),
            new SpeechEnded(id, at + 16_000, at + 8000),
            new TranscriptCompleted(id, at + 16_800, user, "en", 0.9f),
            new GenerationStarted(id, at + 16_900, "tiny"),
            new TokenGenerated(id, at + 17_600, 0, "Good"),
            new TokenGenerated(id, at + 17_700, 1, " day."),
            new SentenceCompleted(id, at + 17_700, 0, 0, "Good day."),
            new SpeechSynthesized(id, at + 18_400, 0, 0, 1600),
            new PlaybackStarted(id, at + 19_200),
            new VerdictReached(id, at + 19_300, "stop", "The user spoke.", new Dictionary<string, double> { ["ms"] = 200 }),
            new PlaybackFinished(id, at + 20_000, true, "Good"),
            new TurnCompleted(id, at + 20_000, outcome),
        ];
    }

    /// <summary>Stores a whole conversation that has ended.</summary>
    public static async Task StoreAsync(Database database, Guid id, DateTimeOffset at, string? recording, params TurnEvent[] events)
    {
        var bus = new TurnEventBus();
        await using var writer = Writer(database);
        var stored = writer.Attach(id, recording, bus);
        foreach (var e in (TurnEvent[])[Started(id, at), .. events, new ConversationEnded(900_000, "stopped")])
            bus.Publish(e);
        await stored;
    }

    /// <summary>Makes the one spill file that of a process which is no more.</summary>
    public static void EndProcessThatSpilt(ConsolePaths paths)
    {
        var file = Directory.GetFiles(Path.Combine(paths.Data, SpillFile.Folder)).Single();
        File.Move(file, file.Replace(ConversationOwner.Current, "1@0", StringComparison.Ordinal));
    }
}
