using System.Globalization;
using Microsoft.EntityFrameworkCore;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Web.Settings;

namespace VoiceConsole.Web.Data;

/// <summary>Stored latencies, and the budget that people set for them. Methods throw <see cref="StorageException"/> when the database refuses.</summary>
internal sealed class LatencyQueries(ConversationStorage storage, SettingsKeeper settings)
{
    /// <summary>The newest turns that are looked at.</summary>
    public const int MostTurns = 2000;

    public const double LeastBudget = 1, MostBudget = 60_000;

    // Where it was kept before it became a setting.
    private const string BudgetName = "latency budget ms";

    /// <summary>The newest that fit, oldest first.</summary>
    public Task<IReadOnlyList<LatencyTurn>> TurnsAsync(LatencyFilter filter, CancellationToken cancellationToken = default) => storage.RunAsync<IReadOnlyList<LatencyTurn>>(
        async context =>
        {
            var turns = context.Turns.AsNoTracking().Where(t => t.VoiceToVoiceMs != null && t.Conversation!.DeletedAt == null);
            if (filter.Model is { } model)
                turns = turns.Where(t => (t.Model ?? t.Conversation!.Model) == model);
            if (filter.Since is { } since)
                turns = turns.Where(t => t.Conversation!.StartedAt >= since);
            var rows = await turns.OrderByDescending(t => t.Conversation!.StartedAt).ThenByDescending(t => t.Number).Take(MostTurns)
                .Select(t => new
                {
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
                    return new LatencyTurn(r.ConversationId, r.Number, r.StartedAt.AddSeconds(seconds), seconds, r.Model, r.Ms, stages);
                }).OrderBy(t => t.At),
            ];
        },
        cancellationToken);

    /// <summary>The models that have served a turn.</summary>
    public Task<IReadOnlyList<string>> ModelsAsync(CancellationToken cancellationToken = default) => storage.RunAsync<IReadOnlyList<string>>(
        async context => await context.Turns.Where(t => t.VoiceToVoiceMs != null && t.Conversation!.DeletedAt == null)
            .Select(t => t.Model ?? t.Conversation!.Model).Distinct().Order().ToListAsync(cancellationToken),
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
}
