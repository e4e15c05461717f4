namespace VoiceConsole.Web.Components.Controls.Engines;

/// <summary>An engine that can be chosen.</summary>
/// <param name="Id">As a ConversationRequest takes it; null is the default.</param>
/// <param name="Name">For people.</param>
/// <param name="Facts">A few words each.</param>
/// <param name="Licence">Empty where it is not known.</param>
/// <param name="Warning">What speaks against it, or null.</param>
/// <param name="CanServe">False for what is no model.</param>
public sealed record EngineOffer(string? Id, string Name, IReadOnlyList<string> Facts, string Licence, string? Warning, bool CanServe);
