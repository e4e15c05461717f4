using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace VoiceConsole.Web.Data;

/// <summary>What is wrong when the disk or SQLite refuses, in sentences for people.</summary>
internal static class StorageFault
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;
    // SQLite's smallest such index, in bytes.
    private const long LeastSpace = 32 * 1024;
    private const int NoSpaceUnix = 28, NoSpaceWindows = unchecked((int)0x80070070);

    public static bool IsDamage(Exception error) => Sqlite(error)?.SqliteErrorCode is Corrupt or NotADatabase;

    public static StorageException Explain(Exception error, string path) => error as StorageException ?? Sqlite(error)?.SqliteErrorCode switch
    {
        Busy or Locked => new StorageException(
            $"The database {path} is locked by another program.", "Close the program that has it open, or wait until it is done.", error),
        Full => DiskFull(path, error),
        // A full disk refuses SQLite's index of the write-ahead log with these.
        IoError or CannotOpen when HasNoSpace(path) => DiskFull(path, error),
        ReadOnly or CannotOpen => NotWritable(path, error),
        IoError => new StorageException($"The disk failed while {path} was used: {error.Message}", "Check the disk and its free space.", error),
        Corrupt or NotADatabase => new StorageException(
            $"The database {path} is damaged.", "Start the console again: it moves the damaged file aside and begins a fresh one.", error),
        _ when error is IOException { HResult: NoSpaceUnix or NoSpaceWindows } => DiskFull(path, error),
        _ when error is UnauthorizedAccessException or IOException => NotWritable(path, error),
        _ => new StorageException(
            $"The database {path} cannot be used: {(Sqlite(error) ?? error).Message}", "Its last copy lies in backups beside it.", error),
    };

    private static bool HasNoSpace(string path)
    {
        try
        {
            return new DriveInfo(path).AvailableFreeSpace < LeastSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static StorageException DiskFull(string path, Exception error) =>
        new($"The disk that holds {path} is full.", "Free some space, or let the console keep fewer recordings.", error);

    private static StorageException NotWritable(string path, Exception error) =>
        new($"{path} cannot be written: {error.Message}", "Give this user the right to write there, or set VOICECONSOLE_HOME to another folder.", error);

    private static SqliteException? Sqlite(Exception error) => error switch
    {
        SqliteException sqlite => sqlite,
        DbUpdateException { InnerException: SqliteException inner } => inner,
        _ => error.InnerException as SqliteException,
    };
}
