using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace VoiceConsole.Web.Data;

/// <summary>The console's database.</summary>
internal sealed class ConsoleContext(DbContextOptions<ConsoleContext> options) : DbContext(options)
{
    public DbSet<ConversationRow> Conversations => Set<ConversationRow>();

    public DbSet<TurnRow> Turns => Set<TurnRow>();

    public DbSet<EventRow> Events => Set<EventRow>();

    public DbSet<LatencyRow> Latencies => Set<LatencyRow>();

    public DbSet<VerdictRow> Verdicts => Set<VerdictRow>();

    public DbSet<TagRow> Tags => Set<TagRow>();

    public DbSet<SettingRow> Settings => Set<SettingRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ConversationRow>(row =>
        {
            // As a number, since SQLite cannot sort or compare the text form.
            var milliseconds = new ValueConverter<DateTimeOffset, long>(t => t.ToUnixTimeMilliseconds(), ms => DateTimeOffset.FromUnixTimeMilliseconds(ms));
            row.Property(c => c.StartedAt).HasConversion(milliseconds);
            row.Property(c => c.DeletedAt).HasConversion(milliseconds);
            row.HasIndex(c => c.StartedAt);
            row.HasIndex(c => c.SearchKey).IsUnique();
            // All that the list needs, so that it is read from the index alone.
            row.HasIndex(c => new { c.DeletedAt, c.StartedAt, c.SearchKey, c.Id });
            row.HasMany(c => c.Tags).WithOne().HasForeignKey(t => t.ConversationId).OnDelete(DeleteBehavior.Cascade);
            row.HasMany(c => c.Turns).WithOne(t => t.Conversation).HasForeignKey(t => t.ConversationId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<TurnRow>(row =>
        {
            row.HasIndex(t => new { t.ConversationId, t.Number }).IsUnique();
            row.HasIndex(t => new { t.ConversationId, t.Outcome });
            // Which models there are to choose from is read from the index alone.
            row.HasIndex(t => new { t.Model, t.ConversationId });
            row.HasMany(t => t.Latencies).WithOne().HasForeignKey(l => l.TurnRowId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<EventRow>(row =>
        {
            row.HasKey(e => new { e.ConversationId, e.Ordinal });
            row.HasIndex(e => new { e.ConversationId, e.Turn });
            row.HasOne<ConversationRow>().WithMany().HasForeignKey(e => e.ConversationId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<LatencyRow>(row =>
        {
            row.HasKey(l => new { l.TurnRowId, l.Ordinal });
            row.HasIndex(l => l.Stage);
        });
        modelBuilder.Entity<VerdictRow>(row =>
        {
            row.HasKey(v => new { v.ConversationId, v.Ordinal });
            row.HasIndex(v => v.Verdict);
            row.HasOne<ConversationRow>().WithMany().HasForeignKey(v => v.ConversationId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<TagRow>(row =>
        {
            row.HasKey(t => new { t.ConversationId, t.Tag });
            row.HasIndex(t => t.Tag);
        });
        modelBuilder.Entity<SettingRow>().HasKey(s => s.Name);
    }
}
