using System.Diagnostics;
using System.Globalization;

namespace VoiceConsole.Web.Data;

/// <summary>Which process holds a conversation, in a form that outlives it: its id and when it started.</summary>
internal static class ConversationOwner
{
    public static string Current { get; } = DescribeCurrent();

    /// <summary>Whether that process still runs.</summary>
    public static bool IsAlive(string owner)
    {
        var parts = owner.Split('@');
        if (parts.Length != 2 || !int.TryParse(parts[0], out var id) || !long.TryParse(parts[1], out var started))
            return false;
        try
        {
            using var process = Process.GetProcessById(id);
            // An id is used again; its start time, known to about a second, is not.
            return Math.Abs(new DateTimeOffset(process.StartTime).ToUnixTimeSeconds() - started) <= 2;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    internal static string Describe(Process process) =>
        string.Create(CultureInfo.InvariantCulture, $"{process.Id}@{new DateTimeOffset(process.StartTime).ToUnixTimeSeconds()}");

    private static string DescribeCurrent()
    {
        using var process = Process.GetCurrentProcess();
        return Describe(process);
    }
}
