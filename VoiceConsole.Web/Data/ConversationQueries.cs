using Microsoft.EntityFrameworkCore;

namespace VoiceConsole.Web.Data;

/// <summary>What pages and commands ask of the database.</summary>
internal sealed class ConversationQueries(Database database)
{
    /// <summary>The newest first, without their turns.</summary>
    public async Task<IReadOnlyList<ConversationRow>> RecentAsync(int count, CancellationToken cancellationToken = default)
    {
        await using var context = database.CreateDbContext();
        return await context.Conversations.AsNoTracking().Where(c => c.DeletedAt == null).OrderByDescending(c => c.StartedAt).Take(count).ToListAsync(cancellationToken);
    }

    /// <summary>A conversation's turns in order, with their latencies.</summary>
    public async Task<IReadOnlyList<TurnRow>> TurnsAsync(Guid conversation, CancellationToken cancellationToken = default)
    {
        await using var context = database.CreateDbContext();
        return await context.Turns.AsNoTracking().Include(t => t.Latencies.OrderBy(l => l.Ordinal))
            .Where(t => t.ConversationId == conversation).OrderBy(t => t.Number).ToListAsync(cancellationToken);
    }

    /// <summary>The last turns that had an audible reply, oldest first, with their latencies.</summary>
    public async Task<IReadOnlyList<TurnRow>> LatenciesAsync(int turns, CancellationToken cancellationToken = default)
    {
        await using var context = database.CreateDbContext();
        var rows = await context.Turns.AsNoTracking().Include(t => t.Latencies.OrderBy(l => l.Ordinal))
            .Where(t => t.VoiceToVoiceMs != null).OrderByDescending(t => t.Id).Take(turns).ToListAsync(cancellationToken);
        rows.Reverse();
        return rows;
    }
}
