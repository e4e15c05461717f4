namespace VoiceConsole.Engine.Models;

/// <summary>Tells a full disk from other trouble.</summary>
internal static class DiskSpace
{
    // ENOSPC, the same number on Linux and macOS; ERROR_DISK_FULL.
    private static int Full { get; } = OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28;

    public static bool IsFull(Exception error) => error is IOException && error.HResult == Full;

    /// <summary>A package client says it in words only.</summary>
    /// <exception cref="IOException">The words say that the disk is full.</exception>
    public static void ThrowIfFull(string complaint)
    {
        if (complaint.Contains("ENOSPC", StringComparison.Ordinal) || complaint.Contains("No space left on device", StringComparison.OrdinalIgnoreCase))
            throw new IOException("No space left on device.", Full);
    }

    /// <summary>What the user is told when a part does not fit.</summary>
    public static ModelUnavailableException Refusal(CatalogPart part, string folder, Exception error) => new(
        $"The disk is full: {part.Name} needs about {Megabytes(NeededBy(part))} while it is installed, and {Megabytes(new DriveInfo(folder).AvailableFreeSpace)} are free.",
        $"Make room on the disk of {folder}, then try again; what has come is taken up again where that is possible.", error);

    /// <summary>Bytes: the archives, and about three times as much unpacked.</summary>
    public static long NeededBy(CatalogPart part) => part.Size * 4;

    private static string Megabytes(long bytes) => $"{Math.Ceiling(bytes / 1e6):0} MB";
}
