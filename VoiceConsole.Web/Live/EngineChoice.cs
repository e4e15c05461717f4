using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Live;

/// <summary>An engine that somebody has chosen on the page.</summary>
/// <param name="Kind">Which of the three.</param>
/// <param name="Id">As a ConversationRequest takes it; null is the default.</param>
/// <param name="IsLoading">It is being loaded and tried out.</param>
/// <param name="Problem">Why it does not serve; null when it does.</param>
public sealed record EngineChoice(EngineKind Kind, string? Id, bool IsLoading, LiveProblem? Problem);
