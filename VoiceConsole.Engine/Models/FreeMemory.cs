using System.Globalization;

namespace VoiceConsole.Engine.Models;

/// <summary>What this process may still take before the machine begins to swap, or its container kills it.</summary>
public static class FreeMemory
{
    private const string Linux = "/proc/meminfo", Available = "MemAvailable:";

    /// <summary>An estimate in bytes.</summary>
    public static long Bytes
    {
        get
        {
            var memory = GC.GetGCMemoryInfo();
            // The runtime knows the container's limit, the system what others have left of the machine.
            var ours = memory.TotalAvailableMemoryBytes - Environment.WorkingSet;
            return Math.Max(0, Math.Min(ours, OfTheMachine() ?? memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes));
        }
    }

    /// <exception cref="ModelUnavailableException">The model would not fit.</exception>
    public static void Require(string file, long needed, long free)
    {
        if (needed > free)
            throw new ModelUnavailableException(
                $"{Path.GetFileName(file)} needs about {Gigabytes(needed)} of memory, and {Gigabytes(free)} are free.",
                "Free the old model first, close other programs, or take a smaller model or quantisation.");
    }

    private static string Gigabytes(long bytes) => $"{bytes / 1e9:0.0} GB";

    private static long? OfTheMachine()
    {
        try
        {
            return File.Exists(Linux) && File.ReadLines(Linux).FirstOrDefault(l => l.StartsWith(Available, StringComparison.Ordinal)) is { } line
                && long.TryParse(line[Available.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out var kilobytes)
                ? kilobytes * 1024
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
