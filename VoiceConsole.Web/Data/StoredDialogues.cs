using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using VoiceConsole.Engine.Training.Datasets;

namespace VoiceConsole.Web.Data;

/// <summary>Stored conversations as training data: what users said and what they heard of the replies, nothing else.</summary>
internal sealed class StoredDialogues(Database database)
{
    public const string Source = "conversations";

    /// <summary>Who spoke decides over the words; nobody else may be given them.</summary>
    public const string Licence = "private";

    /// <summary>Tag of a conversation in which a reply was cut off.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>The oldest first; conversations in which nothing was heard are left out.</summary>
    /// <param name="since">The first moment, inclusive; null for no limit.</param>
    /// <param name="until">The last moment, exclusive; null for no limit.</param>
    public async IAsyncEnumerable<DatasetLine> ReadAsync(
        DateTimeOffset? since, DateTimeOffset? until, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var context = database.CreateDbContext();
        var chosen = await context.Conversations.AsNoTracking()
            .Where(c => c.DeletedAt == null && (since == null || c.StartedAt >= since) && (until == null || c.StartedAt < until))
            .OrderBy(c => c.StartedAt).Select(c => new { c.Id, c.StartedAt }).ToListAsync(cancellationToken);
        foreach (var (number, conversation) in chosen.Index())
        {
            var turns = await context.Turns.AsNoTracking().Where(t => t.ConversationId == conversation.Id && t.HeardText != null && t.UserText != null)
                .OrderBy(t => t.Number).ToListAsync(cancellationToken);
            var messages = turns.Where(t => !string.IsNullOrWhiteSpace(t.HeardText) && !string.IsNullOrWhiteSpace(t.UserText))
                .SelectMany(t => (DatasetMessage[])[new(DatasetMessage.User, t.UserText!), new(DatasetMessage.Assistant, t.HeardText!)]).ToArray();
            if (messages.Length == 0)
                continue;
            string[] tags = turns.Any(t => t.Outcome == Interrupted) ? [Interrupted] : [];
            var provenance = $"conversation {conversation.Id} of {conversation.StartedAt:yyyy-MM-dd HH:mm} UTC";
            yield return new DatasetLine(number + 1, new DatasetRecord(conversation.Id.ToString(), messages, "", Source, Licence, provenance, tags), null);
        }
    }
}
