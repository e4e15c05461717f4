namespace VoiceConsole.Engine.Models.Sources;

/// <summary>Sizes of files that another program is writing.</summary>
internal static class FolderSize
{
    /// <summary>In bytes, of each file in the folder and below; those that vanish meanwhile are left out.</summary>
    public static IReadOnlyList<long> Files(DirectoryInfo folder, string pattern)
    {
        try
        {
            return [.. folder.EnumerateFiles(pattern, SearchOption.AllDirectories).Select(Length)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
