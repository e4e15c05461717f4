namespace VoiceConsole.Engine.Conversation;

/// <summary>The user of a simulated room, played by a synthesiser: what it says reaches the microphone as sound. Thread-safe.</summary>
public interface IRoomUser
{
    /// <summary>The voice it speaks with, a catalogue id.</summary>
    string Voice { get; }

    /// <summary>Says a sentence aloud in the room, after what it still has to say. Completes when it begins to sound.</summary>
    Task SpeakAsync(string text, CancellationToken cancellationToken);
}
