using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>The engines that a conversation begins with. Who builds it disposes of them after the conversation has ended; an engine that was replaced before is disposed of when it is, too.</summary>
/// <param name="Canceller">Takes the loudspeaker out of the microphone.</param>
/// <param name="Detector">Tells speech from other sound.</param>
/// <param name="Recognizer">Speech to text.</param>
/// <param name="Language">The language model.</param>
/// <param name="Voice">Text to speech.</param>
public sealed record ConversationEngines(
    IEchoCanceller Canceller, IVoiceDetector Detector, ISpeechRecognizer Recognizer, LanguageEngine Language, ISpeechSynthesizer Voice);
