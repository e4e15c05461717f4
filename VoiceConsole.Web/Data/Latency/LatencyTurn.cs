using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Web.Data;

/// <summary>One turn with an audible reply and where its time went.</summary>
/// <param name="At">When the turn began.</param>
/// <param name="Seconds">The same, from the conversation's beginning.</param>
/// <param name="Model">The one that served it.</param>
/// <param name="Ms">Voice-to-voice; the stages add up to it.</param>
/// <param name="StageMs">One for each of <see cref="TurnTimeline.StageNames"/>.</param>
public sealed record LatencyTurn(Guid Conversation, long Number, DateTimeOffset At, double Seconds, string Model, double Ms, IReadOnlyList<double> StageMs)
{
    /// <summary>Milliseconds of one stage; of the whole turn without one.</summary>
    public double Of(int? stage) => stage is { } some ? StageMs[some] : Ms;
}

/// <summary>Which turns are wanted; null does not matter.</summary>
public sealed record LatencyFilter(string? Model, DateTimeOffset? Since);
