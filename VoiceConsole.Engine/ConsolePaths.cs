namespace VoiceConsole.Engine;

/// <summary>The two folders the console may write to, and the check that nothing leaves them.</summary>
public sealed class ConsolePaths
{
    public ConsolePaths(string root) : this(Path.Combine(root, "data"), Path.Combine(root, "models")) { }

    public ConsolePaths(string data, string models)
    {
        Data = Path.GetFullPath(data);
        Models = Path.GetFullPath(models);
    }

    /// <summary>Database, recordings, datasets.</summary>
    public string Data { get; }

    /// <summary>The catalogue and everything it fetched.</summary>
    public string Models { get; }

    /// <summary>
    /// The project's own folders: beside VoiceConsole.sln above the program, or else the current folder.
    /// The environment variable VOICECONSOLE_HOME overrides both.
    /// </summary>
    public static ConsolePaths Find()
    {
        if (Environment.GetEnvironmentVariable("VOICECONSOLE_HOME") is { Length: > 0 } home)
            return new ConsolePaths(home);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "VoiceConsole.sln")))
                return new ConsolePaths(folder.FullName);
        }

        return new ConsolePaths(Environment.CurrentDirectory);
    }

    /// <summary>The full path of <paramref name="relative"/> inside <paramref name="folder"/>, links resolved.</summary>
    /// <exception cref="UnauthorizedAccessException">It would lie outside.</exception>
    public static string Inside(string folder, string relative)
    {
        var root = Resolve(Path.GetFullPath(folder));
        var full = Resolve(Path.GetFullPath(Path.Combine(root, relative)));
        if (full != root && !full.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new UnauthorizedAccessException($"'{relative}' lies outside '{folder}'. Files are kept inside data and models only.");
        return full;
    }

    // A link in the middle of a path can lead out as well as one at its end.
    private static string Resolve(string path)
    {
        var parent = Path.GetDirectoryName(path);
        if (parent is null)
            return path;
        var resolved = Path.Combine(Resolve(parent), Path.GetFileName(path));
        FileSystemInfo? entry = Directory.Exists(resolved) ? new DirectoryInfo(resolved) : File.Exists(resolved) ? new FileInfo(resolved) : null;
        return entry?.LinkTarget is null ? resolved : entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? resolved;
    }
}
