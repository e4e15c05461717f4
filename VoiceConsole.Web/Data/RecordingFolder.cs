using VoiceConsole.Engine;

namespace VoiceConsole.Web.Data;

/// <summary>Where a conversation's tracks lie.</summary>
internal static class RecordingFolder
{
    /// <summary>Relative to the data folder where it lies inside, so that the project can be moved.</summary>
    public static string? ToStored(ConsolePaths paths, string? folder)
    {
        if (folder is null)
            return null;
        var relative = Path.GetRelativePath(paths.Data, folder);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? folder : relative;
    }

    /// <summary>The full path, or null when it does not lie below data/recordings: such a folder is the user's and is left alone.</summary>
    public static string? Own(ConsolePaths paths, string? stored)
    {
        if (stored is null)
            return null;
        try
        {
            var root = ConsolePaths.Inside(paths.Data, "recordings");
            var folder = ConsolePaths.Inside(root, Path.Combine(paths.Data, stored));
            return folder == root || !Directory.Exists(folder) ? null : folder;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
