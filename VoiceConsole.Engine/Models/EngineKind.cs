namespace VoiceConsole.Engine.Models;

/// <summary>What can be replaced in mid-conversation.</summary>
public enum EngineKind
{
    Recognizer,
    LanguageModel,
    Voice,
}
