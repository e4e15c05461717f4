using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Rerun;

/// <summary>What one turn came to, so that it can be laid beside another. Times in seconds.</summary>
/// <param name="From">The user began.</param>
/// <param name="To">His last sound.</param>
/// <param name="Decided">When the turn was taken to be over; null where it never was.</param>
/// <param name="Words">What was heard or typed.</param>
/// <param name="Reply">All that was to be said.</param>
/// <param name="Outcome">"answered", "interrupted", "dropped" or "failed"; empty where it was not told.</param>
/// <param name="Why">Why it was dropped or failed.</param>
/// <param name="Verdicts">Reached while it went on.</param>
public sealed record TurnFacts(
    TurnId Turn, double From, double To, double? Decided, bool IsTyped, string Words, string Reply, string Outcome, string? Why, IReadOnlyList<VerdictReached> Verdicts)
{
    /// <summary>All turns in the order in which they began. Pure: made from the events alone.</summary>
    public static IReadOnlyList<TurnFacts> Of(StoredConversation conversation)
    {
        var facts = new Dictionary<TurnId, TurnFacts>();
        foreach (var turnEvent in conversation.Events.Where(e => e.Turn != TurnId.None))
        {
            var at = conversation.Seconds(turnEvent.Position);
            var now = facts.GetValueOrDefault(turnEvent.Turn) ?? new TurnFacts(turnEvent.Turn, at, at, null, false, "", "", "", null, []);
            facts[turnEvent.Turn] = turnEvent switch
            {
                SpeechStarted e => now with { From = conversation.Seconds(e.SpeechPosition) },
                SpeechEnded e => now with { To = conversation.Seconds(e.LastSpeechPosition), Decided = at },
                TextTyped e => now with { Words = e.Text, IsTyped = true, Decided = at },
                TranscriptCompleted e => now with { Words = e.Text },
                SentenceCompleted e => now with { Reply = now.Reply.Length == 0 ? e.Text.Trim() : $"{now.Reply} {e.Text.Trim()}" },
                TurnDropped e => now with { Why = e.Reason },
                TurnFailed e => now with { Why = $"{e.Stage}: {e.Error}" },
                VerdictReached e => now with { Verdicts = [.. now.Verdicts, e] },
                // A user who was cut off by his own next turn spoke until then.
                TurnCompleted e => now with { Outcome = e.Outcome, To = now.Decided is null ? at : now.To },
                _ => now,
            };
        }

        return [.. facts.Values.OrderBy(f => f.From).ThenBy(f => f.Turn)];
    }
}
