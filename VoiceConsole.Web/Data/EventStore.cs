using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Web.Data;

/// <summary>Writes a batch of events, and the rows made from them, in one transaction. A batch written twice is written once.</summary>
internal static class EventStore
{
    // A reply longer than this is cut by the engine, too; a spilt file may have been tampered with.
    private const int MaxReply = 200_000;

    private static readonly string[] s_timelineTypes =
    [
        nameof(SpeechEnded), nameof(TextTyped), nameof(TranscriptCompleted), nameof(TokenGenerated), nameof(SentenceCompleted),
        nameof(SpeechSynthesized), nameof(PlaybackStarted),
    ];

    public static async Task WriteAsync(Database database, ConversationSource source, IReadOnlyList<StoredEvent> batch, CancellationToken cancellationToken)
    {
        await using var context = database.CreateDbContext();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var next = (await context.Events.Where(e => e.ConversationId == source.Id).MaxAsync(e => (long?)e.Ordinal, cancellationToken) ?? -1) + 1;
        var conversation = await context.Conversations.FindAsync([source.Id], cancellationToken);
        if (conversation is null)
        {
            conversation = new ConversationRow
            {
                Id = source.Id,
                Recording = source.Recording,
                Owner = source.Owner,
                SampleRate = 16_000,
                SearchKey = (await context.Conversations.MaxAsync(c => (long?)c.SearchKey, cancellationToken) ?? 0) + 1,
            };
            context.Conversations.Add(conversation);
        }

        var turns = new Dictionary<TurnId, TurnRow>();
        var completed = new List<TurnRow>();
        foreach (var (ordinal, turnEvent) in batch)
        {
            if (ordinal < next)
                continue;
            context.Events.Add(new EventRow
            {
                ConversationId = source.Id,
                Ordinal = ordinal,
                Turn = turnEvent.Turn.Value,
                Position = turnEvent.Position,
                Type = turnEvent.GetType().Name,
                Json = StoredEvent.ToJson(turnEvent),
            });
            if (turnEvent is VerdictReached verdict)
                context.Verdicts.Add(ToRow(source.Id, ordinal, verdict));
            if (turnEvent.Turn == TurnId.None)
            {
                Apply(conversation, turnEvent);
                continue;
            }

            if (!turns.TryGetValue(turnEvent.Turn, out var turn))
                turns[turnEvent.Turn] = turn = await FindTurnAsync(context, source.Id, turnEvent, cancellationToken);
            Apply(turn, turnEvent);
            if (turnEvent is TurnCompleted)
                completed.Add(turn);
        }

        await context.SaveChangesAsync(cancellationToken);
        foreach (var turn in completed)
        {
            await AddLatenciesAsync(context, conversation, turn, cancellationToken);
            await WordIndex.AddAsync(context, conversation.SearchKey, turn, cancellationToken);
        }

        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<TurnRow> FindTurnAsync(ConsoleContext context, Guid conversation, TurnEvent first, CancellationToken cancellationToken)
    {
        var number = first.Turn.Value;
        var turn = await context.Turns.SingleOrDefaultAsync(t => t.ConversationId == conversation && t.Number == number, cancellationToken);
        if (turn is null)
        {
            turn = new TurnRow { ConversationId = conversation, Number = number, StartPosition = first.Position };
            context.Turns.Add(turn);
        }

        return turn;
    }

    private static void Apply(ConversationRow row, TurnEvent turnEvent)
    {
        switch (turnEvent)
        {
            case ConversationStarted started:
                (row.StartedAt, row.SampleRate, row.Device) = (started.StartedAt, started.SampleRate, started.Device);
                (row.Recognizer, row.Model, row.Voice, row.Canceller) = (started.Recognizer, started.Model, started.Voice, started.Canceller);
                break;
            case ConversationEnded ended:
                (row.EndReason, row.EndPosition) = (ended.Reason, ended.Position);
                break;
            default:
                break;
        }
    }

    private static void Apply(TurnRow row, TurnEvent turnEvent)
    {
        switch (turnEvent)
        {
            case SpeechStarted started: row.StartPosition = started.SpeechPosition; break;
            case TextTyped typed: (row.UserText, row.Typed) = (typed.Text, true); break;
            case TranscriptChanged partial: row.UserText = partial.Text; break;
            case TranscriptCompleted transcript: row.UserText = transcript.Text; break;
            case GenerationStarted started: row.Model = started.Model; break;
            case GenerationRetried retried: row.Model = retried.Model; break;
            case TokenGenerated token when row.ReplyText.Length < MaxReply: row.ReplyText += token.Text; break;
            // An apology comes as a sentence without tokens, with a space on either side.
            case SentenceCompleted sentence when sentence.TextStart >= row.ReplyText.Length && sentence.TextStart < MaxReply:
                row.ReplyText = $"{row.ReplyText.PadRight(sentence.TextStart)}{sentence.Text} ";
                break;
            case PlaybackFinished played: row.HeardText = played.HeardText; break;
            case TurnDropped dropped: row.Problem ??= dropped.Reason; break;
            case TurnFailed failed: row.Problem ??= $"{failed.Stage}: {failed.Error} {failed.Remedy}"; break;
            case TurnCompleted completed: (row.Outcome, row.EndPosition) = (completed.Outcome, completed.Position); break;
            default: break;
        }
    }

    private static async Task AddLatenciesAsync(ConsoleContext context, ConversationRow conversation, TurnRow turn, CancellationToken cancellationToken)
    {
        // Sorted here: for an order SQLite reads all of the conversation by its key, in place of the turn by the index.
        var rows = await context.Events.AsNoTracking()
            .Where(e => e.ConversationId == conversation.Id && e.Turn == turn.Number && s_timelineTypes.Contains(e.Type))
            .Select(e => new { e.Ordinal, e.Json }).ToListAsync(cancellationToken);
        if (TurnTimeline.From(rows.OrderBy(e => e.Ordinal).Select(e => StoredEvent.FromJson(e.Json)), new TurnId(turn.Number), conversation.SampleRate) is not { } timeline)
            return;
        turn.VoiceToVoiceMs = timeline.VoiceToVoice.TotalMilliseconds;
        foreach (var (ordinal, stage) in timeline.Stages.Index())
        {
            turn.Latencies.Add(new LatencyRow
            {
                Ordinal = ordinal,
                Stage = stage.Name,
                Start = stage.Start,
                End = stage.End,
                Ms = stage.Duration.TotalMilliseconds,
            });
        }
    }

    private static VerdictRow ToRow(Guid conversation, long ordinal, VerdictReached verdict) => new()
    {
        ConversationId = conversation,
        Ordinal = ordinal,
        Turn = verdict.Turn.Value,
        Position = verdict.Position,
        Verdict = verdict.Verdict,
        Reason = verdict.Reason,
        Evidence = JsonSerializer.Serialize(verdict.Evidence, StoredEvent.Json),
    };
}
