using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>One conversation with everything that a person may want to look at again.</summary>
/// <param name="Row">With its tags.</param>
/// <param name="Turns">In order, with their latencies.</param>
/// <param name="Events">In order, without the small steps of recogniser, model and synthesiser.</param>
public sealed record StoredConversation(ConversationRow Row, IReadOnlyList<TurnRow> Turns, IReadOnlyList<TurnEvent> Events)
{
    /// <summary>A longer conversation is shown up to here.</summary>
    public const int MaxEvents = 200_000;

    /// <summary>The position of the last event that is shown, where there are more; else null.</summary>
    public long? CutAt => Events.Count >= MaxEvents ? Events[^1].Position : null;

    /// <summary>So frequent, and of so little meaning in a picture, that they are left out.</summary>
    public static readonly IReadOnlyList<string> SmallSteps =
        [nameof(TokenGenerated), nameof(TranscriptChanged), nameof(SynthesisStarted), nameof(SpeechSynthesized), nameof(DeviceChanged)];

    public double Seconds(long position) => Math.Max(0, position) / (double)Math.Max(1, Row.SampleRate);
}
