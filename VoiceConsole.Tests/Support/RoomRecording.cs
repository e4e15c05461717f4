using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Tests.Support;

/// <summary>A conversation with every engine real, held in a simulated room on virtual time, with its tracks.</summary>
internal static class RoomRecording
{
    /// <param name="paths">Where the tracks go: data/recordings.</param>
    /// <param name="lines">What the user says, each followed by seconds of silence.</param>
    public static Task<(string Folder, IReadOnlyList<TurnEvent> Events)> HoldAsync(ConsolePaths paths, params (string Text, double Silence)[] lines) => HoldAsync(paths, _ => { }, lines);

    /// <param name="script">Called before the start, to set timers.</param>
    public static async Task<(string Folder, IReadOnlyList<TurnEvent> Events)> HoldAsync(ConsolePaths paths, Action<ConversationSession> script, params (string Text, double Silence)[] lines)
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng", "voiceconsole-chat", "llama" })
            await Parts.FoldersAsync(part);
        using var user = new TempFolder();
        await using var conversation = await new ConversationFactory(Parts.Store, paths).CreateAsync(
            new ConversationRequest { Device = "room", Room = "desk", VirtualTime = true, Microphone = await FliteUser.RecordAsync(user, lines) },
            null, TestContext.Current.CancellationToken);
        using var subscription = conversation.Events.SubscribeLossless();
        script((ConversationSession)conversation);
        conversation.Start();
        await conversation.Completion;
        var events = new List<TurnEvent>();
        while (subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        return (conversation.Recording!, events);
    }
}
