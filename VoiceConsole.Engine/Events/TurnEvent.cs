using System.Text.Json.Serialization;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Engine.Events;

/// <summary>
/// Something that happened, or was decided, in a conversation. All times are positions on the conversation's sample clock
/// (16 kHz unless <see cref="ConversationStarted"/> says otherwise). Serialised to JSON by its type's name.
/// </summary>
/// <param name="Turn">The turn it belongs to, or <see cref="TurnId.None"/>.</param>
/// <param name="Position">When it happened.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ConversationStarted), nameof(ConversationStarted))]
[JsonDerivedType(typeof(ConversationEnded), nameof(ConversationEnded))]
[JsonDerivedType(typeof(SpeechStarted), nameof(SpeechStarted))]
[JsonDerivedType(typeof(SpeechEnded), nameof(SpeechEnded))]
[JsonDerivedType(typeof(TranscriptChanged), nameof(TranscriptChanged))]
[JsonDerivedType(typeof(TranscriptCompleted), nameof(TranscriptCompleted))]
[JsonDerivedType(typeof(TextTyped), nameof(TextTyped))]
[JsonDerivedType(typeof(TurnDropped), nameof(TurnDropped))]
[JsonDerivedType(typeof(GenerationStarted), nameof(GenerationStarted))]
[JsonDerivedType(typeof(TokenGenerated), nameof(TokenGenerated))]
[JsonDerivedType(typeof(GenerationCompleted), nameof(GenerationCompleted))]
[JsonDerivedType(typeof(GenerationRetried), nameof(GenerationRetried))]
[JsonDerivedType(typeof(SentenceCompleted), nameof(SentenceCompleted))]
[JsonDerivedType(typeof(SynthesisStarted), nameof(SynthesisStarted))]
[JsonDerivedType(typeof(SpeechSynthesized), nameof(SpeechSynthesized))]
[JsonDerivedType(typeof(PlaybackStarted), nameof(PlaybackStarted))]
[JsonDerivedType(typeof(WordHeard), nameof(WordHeard))]
[JsonDerivedType(typeof(PlaybackLowered), nameof(PlaybackLowered))]
[JsonDerivedType(typeof(PlaybackRestored), nameof(PlaybackRestored))]
[JsonDerivedType(typeof(PlaybackFinished), nameof(PlaybackFinished))]
[JsonDerivedType(typeof(TurnInterrupted), nameof(TurnInterrupted))]
[JsonDerivedType(typeof(TurnFailed), nameof(TurnFailed))]
[JsonDerivedType(typeof(TurnCompleted), nameof(TurnCompleted))]
[JsonDerivedType(typeof(HistorySummarized), nameof(HistorySummarized))]
[JsonDerivedType(typeof(VerdictReached), nameof(VerdictReached))]
[JsonDerivedType(typeof(HalfDuplexChanged), nameof(HalfDuplexChanged))]
[JsonDerivedType(typeof(MicrophoneMuted), nameof(MicrophoneMuted))]
[JsonDerivedType(typeof(EchoPathMeasured), nameof(EchoPathMeasured))]
[JsonDerivedType(typeof(DeviceChanged), nameof(DeviceChanged))]
[JsonDerivedType(typeof(EngineSwapped), nameof(EngineSwapped))]
[JsonDerivedType(typeof(EngineSwapFailed), nameof(EngineSwapFailed))]
public abstract record TurnEvent(TurnId Turn, long Position);

/// <summary>The first event. The engines are catalogue ids or addresses without secrets.</summary>
/// <param name="Options">How it is held; null in recordings of before it was noted.</param>
public sealed record ConversationStarted(
    Guid Conversation, DateTimeOffset StartedAt, int SampleRate, string Device, string Recognizer, string Model, string Voice, string Canceller,
    ConversationOptions? Options = null)
    : TurnEvent(TurnId.None, 0);

/// <summary>The last event.</summary>
public sealed record ConversationEnded(long Position, string Reason) : TurnEvent(TurnId.None, Position);

/// <summary>The detector is sure that somebody speaks.</summary>
/// <param name="SpeechPosition">Where the speech began, before the decision.</param>
public sealed record SpeechStarted(TurnId Turn, long Position, long SpeechPosition) : TurnEvent(Turn, Position);

/// <summary>End of turn: the hang-over has passed in silence.</summary>
/// <param name="LastSpeechPosition">The sample after the last speech, before the hang-over. Latency starts here.</param>
public sealed record SpeechEnded(TurnId Turn, long Position, long LastSpeechPosition) : TurnEvent(Turn, Position);

/// <summary>A partial transcript; replaces the one before.</summary>
public sealed record TranscriptChanged(TurnId Turn, long Position, string Text) : TurnEvent(Turn, Position);

/// <summary>The final transcript.</summary>
public sealed record TranscriptCompleted(TurnId Turn, long Position, string Text, string Language, float? Confidence) : TurnEvent(Turn, Position);

/// <summary>The user wrote instead of speaking.</summary>
public sealed record TextTyped(TurnId Turn, long Position, string Text) : TurnEvent(Turn, Position);

/// <summary>A turn that gets no reply, and why: no words were heard, or the user went on speaking.</summary>
public sealed record TurnDropped(TurnId Turn, long Position, string Reason) : TurnEvent(Turn, Position);

/// <summary>The prompt has gone to the language model.</summary>
public sealed record GenerationStarted(TurnId Turn, long Position, string Model) : TurnEvent(Turn, Position);

/// <summary>A piece of the reply came from the model.</summary>
/// <param name="Index">0 for the first, which ends the time to first token.</param>
public sealed record TokenGenerated(TurnId Turn, long Position, int Index, string Text) : TurnEvent(Turn, Position);

/// <summary>The model has finished its reply.</summary>
/// <param name="Tokens">Pieces of the reply.</param>
/// <param name="PromptTokens">Tokens of what it was asked, with the history; null where the model does not say.</param>
public sealed record GenerationCompleted(TurnId Turn, long Position, int Tokens, long? PromptTokens = null) : TurnEvent(Turn, Position);

/// <summary>The model failed and another attempt is being made.</summary>
/// <param name="Model">Who is asked next.</param>
public sealed record GenerationRetried(TurnId Turn, long Position, int Attempt, string Model, string Error) : TurnEvent(Turn, Position);

/// <summary>A sentence of the reply is ready to be spoken.</summary>
/// <param name="Index">Its number in the turn, from 0.</param>
/// <param name="TextStart">Its first character in the turn's reply text.</param>
public sealed record SentenceCompleted(TurnId Turn, long Position, int Index, int TextStart, string Text) : TurnEvent(Turn, Position);

/// <summary>The synthesiser was given a sentence.</summary>
public sealed record SynthesisStarted(TurnId Turn, long Position, int Index, string Voice) : TurnEvent(Turn, Position);

/// <summary>A part of a sentence's sound is there.</summary>
/// <param name="Part">0 for the first of the sentence.</param>
/// <param name="Samples">Its length at the conversation's sample rate.</param>
public sealed record SpeechSynthesized(TurnId Turn, long Position, int Index, int Part, int Samples) : TurnEvent(Turn, Position);

/// <summary>The first audible sample of the reply left the device. Voice-to-voice latency ends here.</summary>
/// <param name="HandedOver">
/// When the device was given the reply's first sample; from there on it is the device's buffer, and the silence that the voice
/// begins with. 0 in recordings of before it was noted.
/// </param>
public sealed record PlaybackStarted(TurnId Turn, long Position, long HandedOver = 0) : TurnEvent(Turn, Position);

/// <summary>A word of the reply was rendered to its end.</summary>
/// <param name="TextStart">Its first character in the turn's reply text.</param>
public sealed record WordHeard(TurnId Turn, long Position, int TextStart, int TextLength) : TurnEvent(Turn, Position);

/// <summary>Somebody may be speaking over the reply: its first lowered sample left the device.</summary>
public sealed record PlaybackLowered(TurnId Turn, long Position) : TurnEvent(Turn, Position);

/// <summary>Nobody was: the reply goes on from the sample at which it was lowered.</summary>
public sealed record PlaybackRestored(TurnId Turn, long Position) : TurnEvent(Turn, Position);

/// <summary>The last sample of the reply was rendered, or the last before it was cut off.</summary>
/// <param name="HeardText">The words of the reply that were really heard.</param>
public sealed record PlaybackFinished(TurnId Turn, long Position, bool Interrupted, string HeardText) : TurnEvent(Turn, Position);

/// <summary>The reply of this turn was stopped.</summary>
/// <param name="By">"speech", "text" or "button".</param>
/// <param name="LastRendered">Position after the last sample of it that left the device.</param>
public sealed record TurnInterrupted(TurnId Turn, long Position, string By, long LastRendered) : TurnEvent(Turn, Position);

/// <summary>A stage failed; the console keeps listening.</summary>
/// <param name="Stage">"recognizer", "model", "synthesizer", "device" or "recorder".</param>
public sealed record TurnFailed(TurnId Turn, long Position, string Stage, string Error, string Remedy) : TurnEvent(Turn, Position);

/// <summary>The turn is over, in whatever way. Always the turn's last event.</summary>
/// <param name="Outcome">"answered", "interrupted", "dropped" or "failed".</param>
public sealed record TurnCompleted(TurnId Turn, long Position, string Outcome) : TurnEvent(Turn, Position);

/// <summary>Old messages were replaced by a summary because the context was filling.</summary>
public sealed record HistorySummarized(TurnId Turn, long Position, int Messages, string Summary) : TurnEvent(Turn, Position);

/// <summary>What was made of a sound that may have been a user, and on what evidence.</summary>
/// <param name="Verdict">"accept", "duck", "stop", "echo", "backchannel", "noise" or "other speaker".</param>
/// <param name="Reason">One sentence.</param>
/// <param name="Evidence">Named figures behind it.</param>
public sealed record VerdictReached(
    TurnId Turn, long Position, string Verdict, string Reason, IReadOnlyDictionary<string, double> Evidence) : TurnEvent(Turn, Position);

/// <summary>The console stopped listening while it speaks, or began again.</summary>
/// <param name="IsOn">It is deaf while it speaks.</param>
/// <param name="Reason">One sentence.</param>
public sealed record HalfDuplexChanged(long Position, bool IsOn, string Reason) : TurnEvent(TurnId.None, Position);

/// <summary>Somebody muted the microphone, or unmuted it. The recording goes on meanwhile.</summary>
public sealed record MicrophoneMuted(long Position, bool IsMuted) : TurnEvent(TurnId.None, Position);

/// <summary>What was known of the way from the loudspeaker to the microphone after a reply.</summary>
/// <param name="DelayMs">From the sample's leaving to the strongest echo of it.</param>
/// <param name="ReturnLossDb">How much fainter the echo is than what was rendered.</param>
/// <param name="FilterErleDb">How much of the echo the guard's filter takes away.</param>
/// <param name="CancellerErleDb">How much of it the canceller takes away.</param>
/// <param name="Coherence">Share of the microphone that the loudspeaker explains, 0 to 1.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="DriftPpm">By how much the microphone's clock runs faster than the loudspeaker's.</param>
public sealed record EchoPathMeasured(
    TurnId Turn, long Position, double DelayMs, double ReturnLossDb, double FilterErleDb, double CancellerErleDb, double Coherence, double Confidence, double DriftPpm = 0)
    : TurnEvent(Turn, Position);

/// <summary>A device was lost or came back, or its counters moved.</summary>
public sealed record DeviceChanged(long Position, string State, long Underruns, long Overruns, string? Problem) : TurnEvent(TurnId.None, Position);

/// <summary>Another engine serves from the next turn on.</summary>
/// <param name="Kind">"Recognizer", "LanguageModel" or "Voice".</param>
/// <param name="From">The old one's id or name.</param>
/// <param name="To">The new one's.</param>
/// <param name="LoadMs">Time to load it.</param>
/// <param name="TryOutMs">Time of its first work, which warms it up.</param>
public sealed record EngineSwapped(long Position, string Kind, string From, string To, double LoadMs, double TryOutMs) : TurnEvent(TurnId.None, Position);

/// <summary>An engine could not take over; the old one serves on.</summary>
public sealed record EngineSwapFailed(long Position, string Kind, string From, string To, string Error, string Remedy) : TurnEvent(TurnId.None, Position);
