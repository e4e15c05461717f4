namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>Something a user may want, and what the console's own model says to it: a file in Own/Intents.</summary>
/// <param name="Kind">"chat", "self", "console", "unknown", "control", "refusal" or "closing".</param>
internal sealed record OwnIntent(string Intent, string Kind, OwnSide En, OwnSide Zh)
{
    public OwnSide In(string language) => language == OwnMaterial.Chinese ? Zh : En;
}
