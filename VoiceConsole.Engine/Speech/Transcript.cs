namespace VoiceConsole.Engine.Speech;

/// <summary>What the recogniser makes of an utterance so far.</summary>
/// <param name="Text">Plain text; empty when no words were heard. Untrusted: render it, never run it.</param>
/// <param name="IsFinal">True for the last one of an utterance, sent exactly once.</param>
/// <param name="Language">BCP 47 tag, "en" or "zh".</param>
/// <param name="Confidence">0 to 1 where the engine gives one.</param>
public sealed record Transcript(string Text, bool IsFinal, string Language, float? Confidence = null);
