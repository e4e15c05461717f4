using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Conversation;

/// <summary>A conversation that is going on: what a page or a command may ask of it. Thread-safe; nothing here blocks.</summary>
public interface IConversation : IAsyncDisposable
{
    Guid Id { get; }

    TurnEventBus Events { get; }

    ConversationState State { get; }

    /// <summary>Folder of the recorded tracks (microphone.wav, loopback.wav, processed.wav); null when nothing shall be recorded. A disk that refuses ends the recording early.</summary>
    string? Recording { get; }

    /// <summary>Levels of this moment, for meters.</summary>
    MeterReading Meters { get; }

    /// <summary>While true the microphone counts as silent; text still works.</summary>
    bool Muted { get; set; }

    /// <summary>The console does not listen while it speaks: twice in a row it had taken its own words for a user's. A <see cref="HalfDuplexChanged"/> says so.</summary>
    bool IsHalfDuplex { get; }

    /// <summary>Listens while it speaks again.</summary>
    void EndHalfDuplex();

    /// <summary>What is known of the echo now; null before the conversation has begun and after its end.</summary>
    Task<EchoReading?> ReadEchoAsync();

    /// <summary>Opens the device and begins to listen. Once.</summary>
    /// <exception cref="VoiceConsole.Engine.Audio.AudioDeviceException">The device cannot be opened.</exception>
    void Start();

    /// <summary>Who plays the user in a simulated room; null where a real microphone or a recording does.</summary>
    IRoomUser? RoomUser { get; }

    /// <summary>Ends when the conversation has ended, with what ended it if that was an error.</summary>
    Task Completion { get; }

    /// <summary>The user's words by keyboard: they enter the same history, and interrupt as speech does.</summary>
    /// <exception cref="ArgumentException">Empty, or longer than <see cref="ConversationOptions.MaxTypedCharacters"/>.</exception>
    void Say(string text);

    /// <summary>Stops the reply that is being made or spoken.</summary>
    void Interrupt();

    /// <summary>
    /// Replaces an engine: the new one is loaded and tried out while the old one serves, and serves from the next turn on. How it
    /// went is an event, too. Whatever fails leaves the old one serving.
    /// </summary>
    /// <param name="kind">Which of the three.</param>
    /// <param name="id">As in <see cref="ConversationRequest"/>; null is the default.</param>
    /// <param name="freeFirst">Free the old one before the new one is loaded, where memory does not hold both. Turns wait meanwhile; where the new one cannot be had the old one is loaded again.</param>
    /// <param name="cancellationToken">Gives up before the swap.</param>
    /// <exception cref="ModelUnavailableException">It cannot be had, does not fit in memory, or was tried out in vain.</exception>
    /// <exception cref="InvalidDataException">Its file is damaged or of another kind.</exception>
    /// <exception cref="ArgumentException">There is no such engine.</exception>
    /// <exception cref="InvalidOperationException">The conversation has ended, or its engines are fixed.</exception>
    Task SwapAsync(EngineKind kind, string? id, bool freeFirst, CancellationToken cancellationToken);

    /// <summary>Ends the conversation after what is being written has been written.</summary>
    Task StopAsync();
}

public enum ConversationState
{
    Starting,
    Listening,
    UserSpeaking,
    Thinking,
    Speaking,
    Ended,
}

/// <summary>Levels in dBFS (−100 to 0) of the last 10 ms frame, and the detector's speech probability (0 to 1).</summary>
public readonly record struct MeterReading(float MicrophoneDb, float LoopbackDb, float ProcessedDb, float SpeechProbability, long Position)
{
    public const float Silence = -100f;
}
