using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using VoiceConsole.Engine;

namespace VoiceConsole.Web.Data;

/// <summary>The opened database: makes contexts. Thread-safe.</summary>
internal sealed class Database : IDbContextFactory<ConsoleContext>
{
    public const string FileName = "voiceconsole.db";
    private const string Backups = "backups";
    private const int BackupsKept = 5;
    private readonly DbContextOptions<ConsoleContext> _options;
    private readonly List<string> _notices = [];

    private Database(ConsolePaths paths)
    {
        Paths = paths;
        File = FileOf(paths);
        // SQLite's busy timeout, in seconds: how long a statement waits for another's lock.
        ConnectionString = new SqliteConnectionStringBuilder { DataSource = File, DefaultTimeout = 2, ForeignKeys = true, Pooling = false }.ToString();
        _options = new DbContextOptionsBuilder<ConsoleContext>().UseSqlite(ConnectionString).Options;
    }

    public ConsolePaths Paths { get; }

    /// <summary>The database file.</summary>
    public string File { get; }

    /// <summary>What happened on opening that a person should know, one sentence each.</summary>
    public IReadOnlyList<string> Notices => _notices;

    internal string ConnectionString { get; }

    public static string FileOf(ConsolePaths paths) => Path.Combine(paths.Data, FileName);

    public ConsoleContext CreateDbContext() => new(_options);

    /// <summary>Opens data/voiceconsole.db: made where it is missing, copied to data/backups and migrated where it is of an older version.</summary>
    /// <exception cref="StorageException">It cannot be used; the message says why and what to do.</exception>
    public static async Task<Database> OpenAsync(ConsolePaths paths, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var database = new Database(paths);
        try
        {
            await database.PrepareAsync(time ?? TimeProvider.System, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw StorageFault.Explain(error, database.File);
        }

        return database;
    }

    private async Task PrepareAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (System.IO.File.Exists(Paths.Data))
            throw new StorageException($"The database cannot be written: {Paths.Data} is a file, not a folder.", "Move it away, or set VOICECONSOLE_HOME to another folder.");
        Directory.CreateDirectory(Paths.Data);
        foreach (var name in (string[])[FileName, SpillFile.Folder, Backups])
            RefuseLinkOut(name);
        // SQLite would open a read-only file without a word and fail at the first event.
        using (new FileStream(Path.Combine(Paths.Data, $".writable-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
        {
        }

        var stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
        var exists = new FileInfo(File) is { Exists: true, Length: > 0 };
        if (exists && await IsDamagedAsync(cancellationToken))
        {
            MoveAside(stamp);
            exists = false;
        }

        await using var context = CreateDbContext();
        await context.Database.OpenConnectionAsync(cancellationToken);
        if (!exists)
            await context.Database.ExecuteSqlRawAsync("PRAGMA auto_vacuum = INCREMENTAL", cancellationToken);
        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
        var known = context.Database.GetMigrations().ToHashSet();
        var unknown = (await context.Database.GetAppliedMigrationsAsync(cancellationToken)).FirstOrDefault(m => !known.Contains(m));
        if (unknown is not null)
            throw new StorageException(
                $"The database {File} was made by a newer version of the console ({unknown}).",
                "Use that version, or move the file away and let this one begin a fresh one.");
        if (!(await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
            return;
        if (exists)
            Backup(stamp);
        await ForgetStaleLockAsync(context, time, cancellationToken);
        await context.Database.MigrateAsync(cancellationToken);
    }

    private void RefuseLinkOut(string name)
    {
        try
        {
            _ = ConsolePaths.Inside(Paths.Data, name);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StorageException(error.Message, $"Remove the link {name} from {Paths.Data}, or set VOICECONSOLE_HOME to where the data shall lie.", error);
        }
    }

    private async Task<bool> IsDamagedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new SqliteConnection(ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA quick_check(1)";
            return (string?)await command.ExecuteScalarAsync(cancellationToken) != "ok";
        }
        catch (SqliteException error) when (StorageFault.IsDamage(error))
        {
            return true;
        }
    }

    private void MoveAside(string stamp)
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            if (System.IO.File.Exists(File + suffix))
                System.IO.File.Move(File + suffix, $"{File}.damaged-{stamp}{suffix}");
        }

        _notices.Add($"The database {File} was damaged. It was moved to {FileName}.damaged-{stamp} and a fresh one was made; older copies may lie in backups.");
    }

    private void Backup(string stamp)
    {
        var folder = Directory.CreateDirectory(ConsolePaths.Inside(Paths.Data, Backups)).FullName;
        var copy = Path.Combine(folder, $"voiceconsole-{stamp}.db");
        var unfinished = copy + ".unfinished";
        try
        {
            using (var source = new SqliteConnection(ConnectionString))
            using (var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = unfinished, Pooling = false }.ToString()))
            {
                source.Open();
                target.Open();
                source.BackupDatabase(target);
            }

            System.IO.File.Move(unfinished, copy);
        }
        catch
        {
            // Half a copy must not pass for one, nor push a whole one out.
            System.IO.File.Delete(unfinished);
            throw;
        }

        _notices.Add($"The database was copied to {copy} before it was brought to this version.");
        foreach (var old in Directory.GetFiles(folder, "voiceconsole-*.db").Order(StringComparer.Ordinal).SkipLast(BackupsKept))
            System.IO.File.Delete(old);
    }

    // EF waits for ever on the lock of a process that was killed while it migrated.
    private static async Task ForgetStaleLockAsync(ConsoleContext context, TimeProvider time, CancellationToken cancellationToken)
    {
        var locks = await context.Database
            .SqlQuery<int>($"SELECT COUNT(*) AS Value FROM sqlite_master WHERE name = '__EFMigrationsLock'").SingleAsync(cancellationToken);
        if (locks > 0)
        {
            var before = time.GetUtcNow().UtcDateTime.AddMinutes(-1).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            await context.Database.ExecuteSqlAsync($"DELETE FROM __EFMigrationsLock WHERE Timestamp < {before}", cancellationToken);
        }
    }
}
