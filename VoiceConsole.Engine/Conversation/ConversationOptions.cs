using VoiceConsole.Engine.Echo;

namespace VoiceConsole.Engine.Conversation;

/// <summary>How a conversation is held. Every value has a default that works; <see cref="Validate"/> names all that do not.</summary>
public sealed record ConversationOptions
{
    /// <summary>BCP 47 tag of the conversation's language, "en" or "zh".</summary>
    public string Language { get; init; } = "en";

    public string SystemPrompt { get; init; } =
        "You are a voice assistant. Answer in one or two short spoken sentences, without lists, markup or emoji.";

    /// <summary>Speech probability from which a window counts as speech, 0 to 1.</summary>
    public float SpeechThreshold { get; init; } = 0.5f;

    /// <summary>Speech this long opens a turn while the console is silent.</summary>
    public TimeSpan MinSpeech { get; init; } = TimeSpan.FromMilliseconds(96);

    /// <summary>Speech this long stops a reply that is playing when the guard does not predict the echo; twice as long while it is still learning to.</summary>
    public TimeSpan MinBargeIn { get; init; } = TimeSpan.FromMilliseconds(192);

    /// <summary>Sound kept from before the speech was noticed.</summary>
    public TimeSpan PreRoll { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Silence that ends a turn: the end-of-turn delay.</summary>
    public TimeSpan HangOver { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <summary>A turn longer than this is ended and answered.</summary>
    public TimeSpan MaxTurn { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time the model has for its first token.</summary>
    public TimeSpan FirstTokenTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Time the model has between tokens.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Attempts at the first model before the fallback is asked.</summary>
    public int ModelAttempts { get; init; } = 2;

    /// <summary>Wait before the second attempt; doubles each time.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest reply, in tokens.</summary>
    public int MaxReplyTokens { get; init; } = 256;

    /// <summary>Share of the model's context that history may fill before its older half is summarised, 0.1 to 0.95.</summary>
    public double SummarizeAt { get; init; } = 0.75;

    /// <summary>Have the model read the prompt from partial transcripts, before the turn has ended.</summary>
    public bool PrefillWhileSpeaking { get; init; } = true;

    /// <summary>Ignore the microphone from the end of turn until the first token, so that a slow prefill is not disturbed.</summary>
    public bool PauseMicrophoneDuringPrefill { get; init; }

    /// <summary>Keep the microphone, loopback and processed tracks.</summary>
    public bool Record { get; init; } = true;

    /// <summary>The layers that keep the console from answering itself.</summary>
    public GuardOptions Guard { get; init; } = new();

    public const int MaxTypedCharacters = 20_000;

    /// <summary>One sentence for each value out of range; empty when all is well.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (SpeechThreshold is not (> 0 and < 1)) problems.Add("The speech threshold must lie between 0 and 1.");
        if (MinSpeech < TimeSpan.FromMilliseconds(10)) problems.Add("The speech that begins a turn must be at least 10 ms.");
        if (MinBargeIn < MinSpeech) problems.Add("The speech that stops a reply must not be shorter than the speech that begins a turn.");
        if (PreRoll < TimeSpan.Zero || PreRoll > TimeSpan.FromSeconds(5)) problems.Add("The sound kept from before a turn must lie between 0 and 5 s.");
        if (HangOver < TimeSpan.FromMilliseconds(100)) problems.Add("The silence that ends a turn must be at least 100 ms.");
        if (MaxTurn < TimeSpan.FromSeconds(1) || MaxTurn > TimeSpan.FromSeconds(110)) problems.Add("The longest turn must lie between 1 and 110 s.");
        if (FirstTokenTimeout <= TimeSpan.Zero) problems.Add("The time for the first token must be positive.");
        if (StallTimeout <= TimeSpan.Zero) problems.Add("The time between tokens must be positive.");
        if (ModelAttempts < 1) problems.Add("The model must be asked at least once.");
        if (RetryDelay < TimeSpan.Zero) problems.Add("The wait before asking again must not be negative.");
        if (MaxReplyTokens < 1) problems.Add("The longest reply must have at least 1 token.");
        if (SummarizeAt is not (>= 0.1 and <= 0.95)) problems.Add("The share of the context that history may fill must lie between 0.1 and 0.95.");
        if (string.IsNullOrWhiteSpace(Language)) problems.Add("The language must be a BCP 47 tag such as en or zh.");
        return problems;
    }
}
