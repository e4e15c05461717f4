using Microsoft.EntityFrameworkCore;

namespace VoiceConsole.Web.Data;

/// <summary>
/// The stored conversations as people use them: found, rated, tagged, deleted and brought back. Thread-safe. Every method throws
/// <see cref="StorageException"/> when the database refuses.
/// </summary>
internal sealed class ConversationLibrary(ConversationStorage storage, TimeProvider time)
{
    /// <summary>How long a deleted conversation can be brought back; until then nothing of it is erased.</summary>
    public static readonly TimeSpan UndoTime = TimeSpan.FromMinutes(10);

    public const int MaxTag = 40;
    public const int MaxTags = 20;
    private const int MaxTitle = 200;
    private const int FewHits = 500;

    /// <summary>All that fit, the newest first.</summary>
    public Task<IReadOnlyList<LibraryHit>> FindAsync(LibraryFilter filter, CancellationToken cancellationToken = default) => RunAsync<IReadOnlyList<LibraryHit>>(
        async context =>
        {
            var chosen = context.Conversations.AsNoTracking().Where(c => c.DeletedAt == null);
            if (filter.From is { } from)
                chosen = chosen.Where(c => c.StartedAt >= from);
            if (filter.Until is { } until)
                chosen = chosen.Where(c => c.StartedAt < until);
            if (filter.Model is { Length: > 0 } model)
                chosen = chosen.Where(c => c.Model == model || c.Turns.Any(t => t.Model == model));
            if (filter.Tag is { Length: > 0 } tag)
                chosen = chosen.Where(c => c.Tags.Any(t => t.Tag == tag));
            if (filter.Interrupted)
                chosen = chosen.Where(c => c.Turns.Any(t => t.Outcome == "interrupted"));
            if (filter.Failed)
                chosen = chosen.Where(c => c.Turns.Any(t => t.Outcome == "failed" || t.Outcome == Recovery.LostOutcome));
            var turns = WordIndex.Query(filter.Text) is { } query ? await WordIndex.FindAsync(context, query, cancellationToken) : null;
            // Few are looked up one by one; for many it is quicker to go through all.
            if (turns is { Count: <= FewHits })
            {
                var keys = turns.Keys.ToArray();
                chosen = chosen.Where(c => keys.Contains(c.SearchKey));
            }

            // SQLite reads asynchronously in name only, and these may be very many rows.
            var all = chosen.OrderByDescending(c => c.StartedAt).Select(c => new { c.Id, c.SearchKey }).ToList();
            return turns is null ? [.. all.Select(c => new LibraryHit(c.Id, null))]
                : [.. all.Where(c => turns.ContainsKey(c.SearchKey)).Select(c => new LibraryHit(c.Id, turns[c.SearchKey]))];
        },
        cancellationToken);

    /// <summary>What a list shows of these, in their order; those that are gone meanwhile are left out.</summary>
    public Task<IReadOnlyList<LibraryItem>> DescribeAsync(IReadOnlyCollection<LibraryHit> hits, CancellationToken cancellationToken = default) =>
        RunAsync<IReadOnlyList<LibraryItem>>(
            async context =>
            {
                var ids = hits.Select(h => h.Id).ToArray();
                var items = await context.Conversations.AsNoTracking().Include(c => c.Tags).Where(c => ids.Contains(c.Id) && c.DeletedAt == null)
                    .Select(c => new LibraryItem(c)
                    {
                        Title = c.Turns.Where(t => t.UserText != null && t.UserText != "").OrderBy(t => t.Number).Select(t => t.UserText!.Substring(0, MaxTitle)).FirstOrDefault(),
                        Turns = c.Turns.Count,
                        Interrupted = c.Turns.Count(t => t.Outcome == "interrupted"),
                        Failed = c.Turns.Count(t => t.Outcome == "failed" || t.Outcome == Recovery.LostOutcome),
                        MeanMs = c.Turns.Average(t => t.VoiceToVoiceMs),
                    })
                    .ToDictionaryAsync(i => i.Row.Id, cancellationToken);
                var numbers = hits.Select(h => h.Turn).OfType<long>().Distinct().ToArray();
                var found = hits.Select(h => (h.Id, h.Turn)).ToHashSet();
                // A few too many, of other hits' numbers, in one query.
                var matches = numbers.Length == 0 ? [] : (await context.Turns.AsNoTracking()
                    .Where(t => ids.Contains(t.ConversationId) && numbers.Contains(t.Number)).ToListAsync(cancellationToken))
                    .Where(t => found.Contains((t.ConversationId, t.Number))).ToDictionary(t => t.ConversationId);
                return [.. hits.Where(h => items.ContainsKey(h.Id)).Select(h => items[h.Id] with { Match = matches.GetValueOrDefault(h.Id) })];
            },
            cancellationToken);

    /// <summary>One conversation whole, or null when there is none of that id.</summary>
    public Task<StoredConversation?> OpenAsync(Guid conversation, CancellationToken cancellationToken = default) => RunAsync(
        async context =>
        {
            var row = await context.Conversations.AsNoTracking().Include(c => c.Tags)
                .SingleOrDefaultAsync(c => c.Id == conversation && c.DeletedAt == null, cancellationToken);
            if (row is null)
                return null;
            var turns = await context.Turns.AsNoTracking().Include(t => t.Latencies.OrderBy(l => l.Ordinal))
                .Where(t => t.ConversationId == conversation).OrderBy(t => t.Number).ToListAsync(cancellationToken);
            var json = await context.Events.Where(e => e.ConversationId == conversation && !StoredConversation.SmallSteps.Contains(e.Type))
                .OrderBy(e => e.Ordinal).Take(StoredConversation.MaxEvents).Select(e => e.Json).ToListAsync(cancellationToken);
            return new StoredConversation(row, turns, [.. json.Select(StoredEvent.FromJson)]);
        },
        cancellationToken);

    public Task<LibraryChoices> ChoicesAsync(CancellationToken cancellationToken = default) => RunAsync(
        async context =>
        {
            var models = (await context.Conversations.Where(c => c.DeletedAt == null && c.Model != "").Select(c => c.Model).Distinct().ToListAsync(cancellationToken)).ToHashSet();
            // Each model once, and then whether a conversation that is there has it. One query for both took 0.19 s at 100,000 turns.
            foreach (var model in await context.Turns.Where(t => t.Model != null).Select(t => t.Model!).Distinct().ToListAsync(cancellationToken))
            {
                if (!models.Contains(model) && await context.Turns.AnyAsync(t => t.Model == model && t.Conversation!.DeletedAt == null, cancellationToken))
                    models.Add(model);
            }

            return new LibraryChoices(
                [.. models.Order(StringComparer.Ordinal)],
                await context.Tags.Where(t => context.Conversations.Any(c => c.Id == t.ConversationId && c.DeletedAt == null)).Select(t => t.Tag).Distinct().Order().ToListAsync(cancellationToken));
        },
        cancellationToken);

    /// <summary>Differs from an earlier one when conversations or turns have come or gone.</summary>
    public Task<LibraryStamp> StampAsync(CancellationToken cancellationToken = default) => RunAsync(
        async context => new LibraryStamp(
            await context.Conversations.CountAsync(c => c.DeletedAt == null, cancellationToken),
            await context.Turns.MaxAsync(t => (long?)t.Id, cancellationToken) ?? 0,
            await context.Latencies.MaxAsync(l => (long?)l.TurnRowId, cancellationToken) ?? 0,
            await context.Conversations.Where(c => c.DeletedAt == null).OrderByDescending(c => c.StartedAt).Select(c => c.EndReason).FirstOrDefaultAsync(cancellationToken)),
        cancellationToken);

    /// <param name="rating">1 to 5, or null to take it back.</param>
    public Task RateAsync(Guid conversation, int? rating, CancellationToken cancellationToken = default)
    {
        if (rating is < 1 or > 5)
            throw new ArgumentOutOfRangeException(nameof(rating), rating, "A rating is 1 to 5.");
        return RunAsync(
            context => context.Conversations.Where(c => c.Id == conversation).ExecuteUpdateAsync(s => s.SetProperty(c => c.Rating, rating), cancellationToken),
            cancellationToken);
    }

    /// <summary>Gives it a tag; one that it has already changes nothing.</summary>
    /// <exception cref="ArgumentException">The tag is empty or too long, or there are too many; the message says so.</exception>
    public async Task TagAsync(Guid conversation, string tag, CancellationToken cancellationToken = default)
    {
        tag = string.Join(' ', tag.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (tag.Length is 0 or > MaxTag)
            throw new ArgumentException($"A tag has 1 to {MaxTag} characters.");
        var tags = await RunAsync(context => context.Tags.Where(t => t.ConversationId == conversation).Select(t => t.Tag).ToListAsync(cancellationToken), cancellationToken);
        if (tags.Contains(tag))
            return;
        if (tags.Count >= MaxTags)
            throw new ArgumentException($"A conversation has at most {MaxTags} tags. Remove one first.");
        await RunAsync(
            context =>
            {
                context.Tags.Add(new TagRow { ConversationId = conversation, Tag = tag });
                return context.SaveChangesAsync(cancellationToken);
            },
            cancellationToken);
    }

    public Task UntagAsync(Guid conversation, string tag, CancellationToken cancellationToken = default) => RunAsync(
        context => context.Tags.Where(t => t.ConversationId == conversation && t.Tag == tag).ExecuteDeleteAsync(cancellationToken), cancellationToken);

    /// <summary>Hides it at once and lets it be erased after <see cref="UndoTime"/>.</summary>
    /// <returns>False when it still goes on: such a one is not deleted.</returns>
    public Task<bool> DeleteAsync(Guid conversation, CancellationToken cancellationToken = default) => RunAsync(
        async context => await context.Conversations.Where(c => c.Id == conversation && c.EndReason != null)
            .ExecuteUpdateAsync(s => s.SetProperty(c => c.DeletedAt, time.GetUtcNow()), cancellationToken) > 0,
        cancellationToken);

    /// <summary>Brings a deleted one back.</summary>
    /// <returns>False when it has been erased.</returns>
    public Task<bool> RestoreAsync(Guid conversation, CancellationToken cancellationToken = default) => RunAsync(
        async context => await context.Conversations.Where(c => c.Id == conversation)
            .ExecuteUpdateAsync(s => s.SetProperty(c => c.DeletedAt, (DateTimeOffset?)null), cancellationToken) > 0,
        cancellationToken);

    /// <summary>Those that can be brought back, the one deleted last first.</summary>
    public Task<IReadOnlyList<DeletedConversation>> DeletedAsync(CancellationToken cancellationToken = default) => RunAsync<IReadOnlyList<DeletedConversation>>(
        async context => await context.Conversations.Where(c => c.DeletedAt != null).OrderByDescending(c => c.DeletedAt)
            .Select(c => new DeletedConversation(
                c.Id, c.StartedAt,
                c.Turns.Where(t => t.UserText != null && t.UserText != "").OrderBy(t => t.Number).Select(t => t.UserText!.Substring(0, MaxTitle)).FirstOrDefault(),
                c.DeletedAt!.Value))
            .ToListAsync(cancellationToken),
        cancellationToken);

    /// <summary>Erases, with their recordings, those whose time to undo has passed.</summary>
    /// <returns>What could not be erased, in sentences for people; it is tried again next time.</returns>
    public Task<IReadOnlyList<string>> EraseAsync(CancellationToken cancellationToken = default) => RunAsync<IReadOnlyList<string>>(
        async context =>
        {
            var database = await storage.RequireAsync(cancellationToken);
            var before = time.GetUtcNow() - UndoTime;
            var problems = new List<string>();
            foreach (var conversation in await context.Conversations.AsNoTracking().Where(c => c.DeletedAt <= before).ToListAsync(cancellationToken))
            {
                try
                {
                    await ConversationEraser.EraseAsync(context, database.Paths, conversation, cancellationToken);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    problems.Add(ConversationEraser.Describe(conversation, error));
                }
            }

            return problems;
        },
        cancellationToken);

    private Task<T> RunAsync<T>(Func<ConsoleContext, Task<T>> work, CancellationToken cancellationToken) => storage.RunAsync(work, cancellationToken);
}
