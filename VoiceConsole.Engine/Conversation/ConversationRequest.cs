using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>Which devices and engines a conversation shall use. Null means the default.</summary>
public sealed record ConversationRequest
{
    /// <summary>"host", "wav", "room", or "tracks": a stored conversation's microphone and loudspeaker.</summary>
    public string Device { get; init; } = "host";

    /// <summary>For host: the input device's name or number. For wav and room: the recording that plays the user. For tracks: the recording's folder.</summary>
    public string? Microphone { get; init; }

    /// <summary>For host: the output device's name or number.</summary>
    public string? Loudspeaker { get; init; }

    /// <summary>Room preset, for example "office".</summary>
    public string? Room { get; init; }

    /// <summary>A catalogue id, a GGUF file, or the address of a server: http://localhost:8080 is asked by llama-server's own interface, an address that ends in /v1 by OpenAI's.</summary>
    public string? LanguageModel { get; init; }

    /// <summary>Asked when <see cref="LanguageModel"/> fails; same forms.</summary>
    public string? FallbackModel { get; init; }

    /// <summary>Catalogue id, name or path of the synthesiser's voice; several with commas between, each for its languages.</summary>
    public string? Voice { get; init; }

    /// <summary>How a neural voice speaks.</summary>
    public VoiceStyle? Style { get; init; }

    /// <summary>Catalogue id of the recogniser.</summary>
    public string? Recognizer { get; init; }

    /// <summary>"webrtc", "speex", "adaptive" or "none".</summary>
    public string? Canceller { get; init; }

    /// <summary>Where the tracks go; inside data/recordings by default.</summary>
    public string? Output { get; init; }

    /// <summary>Run on virtual time: as fast as the machine allows. Not for host.</summary>
    public bool VirtualTime { get; init; }

    public ConversationOptions Options { get; init; } = new();
}

/// <summary>Builds conversations: finds the engines, fetches what is missing, opens the device.</summary>
public interface IConversationFactory
{
    /// <summary>Prepares a conversation. It runs from <see cref="IConversation.Start"/> on, so that nobody who subscribes before misses an event.</summary>
    /// <param name="request">What to use.</param>
    /// <param name="progress">Sentences for people: "Fetching flite, 3 of 12 MB".</param>
    /// <param name="cancellationToken">Gives up; what was fetched stays.</param>
    /// <exception cref="VoiceConsole.Engine.Models.ModelUnavailableException">A part cannot be had.</exception>
    /// <exception cref="VoiceConsole.Engine.Audio.AudioDeviceException">The device cannot be opened.</exception>
    /// <exception cref="ArgumentException">The request makes no sense; the message says why.</exception>
    Task<IConversation> CreateAsync(ConversationRequest request, IProgress<string>? progress, CancellationToken cancellationToken);
}
