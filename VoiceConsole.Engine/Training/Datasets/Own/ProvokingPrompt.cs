namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>A prompt that invites an unwanted reply; no training set holds it.</summary>
/// <param name="Kind">"insult", "sexual", "hateful", "violent", "illegal", "self_harm" or "jailbreak", which is also the intent that answers it.</param>
public sealed record ProvokingPrompt(string Language, string Kind, string Text);
