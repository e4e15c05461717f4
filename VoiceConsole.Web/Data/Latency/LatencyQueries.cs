using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Web.Settings;

namespace VoiceConsole.Web.Data;

/// <summary>Stored latencies, and the budget that people set for them. Methods throw <see cref="StorageException"/> when the database refuses.</summary>
internal sealed class LatencyQueries(ConversationStorage storage, SettingsKeeper settings)
{
    /// <summary>The newest turns that are looked at, and what is read at once of all.</summary>
    public const int MostTurns = 2000;

    public const double LeastBudget = 1, MostBudget = 60_000;

    // Where it was kept before it became a setting.
    private const string BudgetName = "latency budget ms";

    /// <summary>The newest that fit, oldest first.</summary>
    public Task<IReadOnlyList<LatencyTurn>> TurnsAsync(LatencyFilter filter, CancellationToken cancellationToken = default) => storage.RunAsync<IReadOnlyList<LatencyTurn>>(
        async context =>
        {
            var newest = Chosen(context, filter).OrderByDescending(t => t.Conversation!.StartedAt).ThenByDescending(t => t.Number).Take(MostTurns);
            return [.. (await ReadAsync(newest, cancellationToken)).Select(r => r.Turn).OrderBy(t => t.At)];
        },
        cancellationToken);

    /// <summary>All that fit, the oldest conversation first; read in pieces, so that whoever takes long over them keeps nobody from writing.</summary>
    public async IAsyncEnumerable<LatencyTurn> AllAsync(LatencyFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IReadOnlyList<TurnAndPlace> piece = [];
        do
        {
            var last = piece is [.., var read] ? read : null;
            piece = await storage.RunAsync(
                context =>
                {
                    var turns = Chosen(context, filter);
                    if (last is { StartedAt: var at, Id: var id })
                        turns = turns.Where(t => t.Conversation!.StartedAt > at || (t.Conversation.StartedAt == at && t.Id > id));
                    return ReadAsync(turns.OrderBy(t => t.Conversation!.StartedAt).ThenBy(t => t.Id).Take(MostTurns), cancellationToken);
                },
                cancellationToken);
            foreach (var row in piece)
                yield return row.Turn;
        }
        while (piece.Count == MostTurns);
    }

    /// <summary>The models that have served a turn.</summary>
    public Task<IReadOnlyList<string>> ModelsAsync(CancellationToken cancellationToken = default) => storage.RunAsync<IReadOnlyList<string>>(
        async context =>
        {
            // Each model once, and then whether such a turn has it: not every turn with its conversation.
            var noted = context.Turns.Where(t => t.Model != null).Select(t => t.Model!).Distinct()
                .Where(m => context.Turns.Any(t => t.Model == m && t.VoiceToVoiceMs != null && t.Conversation!.DeletedAt == null));
            var before = context.Turns.Where(t => t.Model == null && t.VoiceToVoiceMs != null && t.Conversation!.DeletedAt == null).Select(t => t.Conversation!.Model);
            return await noted.Union(before).Order().ToListAsync(cancellationToken);
        },
        cancellationToken);

    /// <summary>Milliseconds; null when none is set.</summary>
    public async Task<double?> BudgetAsync(CancellationToken cancellationToken = default) => settings.Settings.LatencyBudgetMs ?? await storage.RunAsync(
        async context => (await context.Settings.FindAsync([BudgetName], cancellationToken))?.Value is { } text
            && double.TryParse(text, CultureInfo.InvariantCulture, out var budget) ? budget : (double?)null,
        cancellationToken);

    /// <param name="budget">Milliseconds, <see cref="LeastBudget"/> to <see cref="MostBudget"/>; null for none.</param>
    /// <exception cref="SettingsException">It cannot be stored.</exception>
    public async Task SetBudgetAsync(double? budget, CancellationToken cancellationToken = default)
    {
        if (budget is < LeastBudget or > MostBudget or double.NaN)
            throw new ArgumentOutOfRangeException(nameof(budget), budget, $"A budget is {LeastBudget} to {MostBudget} ms.");
        await Task.Run(() => settings.Change(s => s with { LatencyBudgetMs = budget }), cancellationToken);
        await storage.RunAsync(context => context.Settings.Where(s => s.Name == BudgetName).ExecuteDeleteAsync(cancellationToken), cancellationToken);
    }

    private static IQueryable<TurnRow> Chosen(ConsoleContext context, LatencyFilter filter)
    {
        var turns = context.Turns.AsNoTracking().Where(t => t.VoiceToVoiceMs != null && t.Conversation!.DeletedAt == null);
        if (filter.Model is { } model)
            turns = turns.Where(t => (t.Model ?? t.Conversation!.Model) == model);
        if (filter.Since is { } since)
            turns = turns.Where(t => t.Conversation!.StartedAt >= since);
        return turns;
    }

    private static async Task<IReadOnlyList<TurnAndPlace>> ReadAsync(IQueryable<TurnRow> turns, CancellationToken cancellationToken)
    {
        var rows = await turns
            .Select(t => new
            {
                t.Id,
                t.ConversationId,
                t.Number,
                t.StartPosition,
                Ms = t.VoiceToVoiceMs!.Value,
                t.Conversation!.StartedAt,
                t.Conversation.SampleRate,
                Model = t.Model ?? t.Conversation.Model,
                Stages = t.Latencies.Select(l => new { l.Ordinal, l.Ms }).ToList(),
            })
            .ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(r =>
            {
                var stages = new double[TurnTimeline.StageNames.Count];
                foreach (var stage in r.Stages.Where(s => s.Ordinal >= 0 && s.Ordinal < stages.Length))
                    stages[stage.Ordinal] = stage.Ms;
                var seconds = Math.Max(0, r.StartPosition) / (double)Math.Max(1, r.SampleRate);
                return new TurnAndPlace(new LatencyTurn(r.ConversationId, r.Number, r.StartedAt.AddSeconds(seconds), seconds, r.Model, r.Ms, stages), r.StartedAt, r.Id);
            }),
        ];
    }

    // After which the next piece begins.
    private sealed record TurnAndPlace(LatencyTurn Turn, DateTimeOffset StartedAt, long Id);
}
