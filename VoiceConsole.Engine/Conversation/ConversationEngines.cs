using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>The engines of one conversation. Who builds it disposes of them after the conversation has ended.</summary>
/// <param name="Canceller">Takes the loudspeaker out of the microphone.</param>
/// <param name="Detector">Tells speech from other sound.</param>
/// <param name="Recognizer">Speech to text.</param>
/// <param name="Model">The language model with its retries and its fallback.</param>
/// <param name="ModelName">For people and records; without secrets.</param>
/// <param name="Summarizer">Shortens the history when the model's context fills; null leaves it as it is.</param>
/// <param name="Voice">Text to speech.</param>
public sealed record ConversationEngines(
    IEchoCanceller Canceller, IVoiceDetector Detector, ISpeechRecognizer Recognizer,
    ReplyStream Model, string ModelName, HistorySummarizer? Summarizer, ISpeechSynthesizer Voice);
