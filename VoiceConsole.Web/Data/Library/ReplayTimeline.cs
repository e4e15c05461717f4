using System.Collections.Immutable;
using System.Globalization;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Web.Data;

/// <summary>How much a marker matters.</summary>
public enum MarkerKind
{
    Step,
    Verdict,
    Warning,
    Failure,
}

/// <summary>Something that happened at one moment, and why.</summary>
/// <param name="At">Seconds.</param>
public sealed record ReplayMarker(double At, MarkerKind Kind, TurnId Turn, string Title, string Reason)
{
    /// <summary>The reason is what somebody or a model said, and no sentence of the console's.</summary>
    public bool IsStored { get; init; }

    /// <summary>Of a verdict; else empty.</summary>
    public IReadOnlyDictionary<string, double> Evidence { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Why, in the reader's language, with the evidence.</summary>
    internal string Told(PageTexts t) => (IsStored ? Reason : t.Told(Reason)) + (Evidence.Count == 0 ? "" : $" ({t.Evidence(Evidence)})");
}

/// <summary>A time during which somebody spoke, in seconds.</summary>
public sealed record ReplaySpan(double From, double To, bool IsUser, TurnId Turn);

/// <summary>A word of a reply as it was heard, in seconds.</summary>
/// <param name="Start">Its first character in the reply.</param>
public sealed record ReplayWord(double From, double To, int Start, int Length);

/// <summary>What a stored conversation's events say about its course. Pure: made from the events alone.</summary>
public sealed class ReplayTimeline
{
    private readonly StoredConversation _conversation;
    private readonly List<ReplayMarker> _markers = [];
    private readonly List<ReplaySpan> _spans = [];
    private readonly Dictionary<TurnId, List<ReplayWord>> _words = [];

    public ReplayTimeline(StoredConversation conversation)
    {
        _conversation = conversation;
        var speech = new Dictionary<TurnId, double>();
        var replies = new Dictionary<TurnId, double>();
        foreach (var turnEvent in conversation.Events)
        {
            var at = conversation.Seconds(turnEvent.Position);
            Length = Math.Max(Length, at);
            switch (turnEvent)
            {
                case SpeechStarted e:
                    speech[e.Turn] = conversation.Seconds(e.SpeechPosition);
                    break;
                case SpeechEnded e when speech.Remove(e.Turn, out var from):
                    _spans.Add(new ReplaySpan(from, conversation.Seconds(e.LastSpeechPosition), true, e.Turn));
                    break;
                case PlaybackStarted e:
                    replies[e.Turn] = at;
                    _words[e.Turn] = [];
                    break;
                case WordHeard e when _words.TryGetValue(e.Turn, out var words):
                    words.Add(new ReplayWord(words.Count > 0 ? words[^1].To : replies[e.Turn], at, e.TextStart, e.TextLength));
                    break;
                case PlaybackFinished e when replies.Remove(e.Turn, out var from):
                    _spans.Add(new ReplaySpan(from, at, false, e.Turn));
                    break;
                default:
                    break;
            }

            if (Describe(turnEvent) is var (kind, title, reason))
                _markers.Add(new ReplayMarker(at, kind, turnEvent.Turn, title, reason)
                {
                    IsStored = turnEvent is TranscriptCompleted or TextTyped or GenerationStarted or HistorySummarized,
                    Evidence = (turnEvent as VerdictReached)?.Evidence ?? ImmutableDictionary<string, double>.Empty,
                });
        }
    }

    /// <summary>Seconds to the last event.</summary>
    public double Length { get; }

    /// <summary>In the order in which they were published.</summary>
    public IReadOnlyList<ReplayMarker> Markers => _markers;

    public IReadOnlyList<ReplaySpan> Spans => _spans;

    /// <summary>The words of a turn's reply that were heard, in order.</summary>
    public IReadOnlyList<ReplayWord> Words(long turn) => _words.GetValueOrDefault(new TurnId(turn)) ?? [];

    /// <summary>The turn that goes on at a moment, or the last before it; 0 when there are none.</summary>
    /// <returns>Its place in the conversation's turns.</returns>
    public int TurnAt(double seconds) =>
        Math.Max(0, _conversation.Turns.TakeWhile(t => _conversation.Seconds(t.StartPosition) <= seconds).Count() - 1);

    private static (MarkerKind Kind, string Title, string Reason)? Describe(TurnEvent turnEvent) => turnEvent switch
    {
        SpeechStarted => (MarkerKind.Step, "Speech began", ""),
        SpeechEnded => (MarkerKind.Step, "End of turn", "The pause was long enough."),
        TranscriptCompleted e => (MarkerKind.Step, "Transcript", e.Confidence is { } sure ? string.Create(CultureInfo.InvariantCulture, $"{e.Text} (confidence {sure:0.00})") : e.Text),
        TextTyped e => (MarkerKind.Step, "Typed", e.Text),
        GenerationStarted e => (MarkerKind.Step, "Model asked", e.Model),
        GenerationRetried e => (MarkerKind.Warning, "Model asked again", $"{e.Error} Next: {e.Model}."),
        PlaybackStarted => (MarkerKind.Step, "Reply heard", "The first audible sample."),
        TurnDropped e => (MarkerKind.Warning, "No reply", e.Reason),
        TurnInterrupted e => (MarkerKind.Warning, "Interrupted", $"By {e.By}."),
        TurnFailed e => (MarkerKind.Failure, $"Failed: {e.Stage}", $"{e.Error} {e.Remedy}"),
        VerdictReached e => (MarkerKind.Verdict, $"Verdict: {e.Verdict}", e.Reason),
        MicrophoneMuted { IsMuted: true } => (MarkerKind.Step, "Microphone muted", ""),
        MicrophoneMuted => (MarkerKind.Step, "Microphone unmuted", ""),
        HalfDuplexChanged { IsOn: true } e => (MarkerKind.Warning, "Half-duplex", e.Reason),
        HalfDuplexChanged e => (MarkerKind.Step, "Listening while speaking", e.Reason),
        EngineSwapped e => (MarkerKind.Step, "Engine replaced", string.Create(CultureInfo.InvariantCulture, $"{e.To} took over from {e.From} after {e.LoadMs + e.TryOutMs:0} ms.")),
        EngineSwapFailed e => (MarkerKind.Warning, "Engine kept", $"{e.To} could not take over from {e.From}: {e.Error} {e.Remedy}"),
        HistorySummarized e => (MarkerKind.Step, "History summarised", $"{e.Messages} messages: {e.Summary}"),
        ConversationEnded e => (MarkerKind.Step, "End", e.Reason),
        _ => null,
    };

}
