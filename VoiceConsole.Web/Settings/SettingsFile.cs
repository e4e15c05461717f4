using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using VoiceConsole.Engine;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Settings;

/// <summary>Settings that are not taken, and why, in a sentence for people.</summary>
internal sealed class SettingsException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>data/settings.json: written whole or not at all; a damaged one is kept aside and said so.</summary>
internal static class SettingsFile
{
    public const string Name = "settings.json";

    /// <summary>A longer file is nobody's settings.</summary>
    public const int MostBytes = 64 * 1024;

    /// <summary>What is not known is an error: a slip of the pen must not be taken for a setting.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        MaxDepth = 8,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string PathOf(ConsolePaths paths) => Path.Combine(paths.Data, Name);

    /// <summary>The settings, or the defaults where there are none or the file cannot be used.</summary>
    /// <returns>And what a person should know of it; null when all is well.</returns>
    public static (ConsoleSettings Settings, string? Notice) Read(ConsolePaths paths, TimeProvider time)
    {
        var path = PathOf(paths);
        if (!File.Exists(path))
            return (new ConsoleSettings(), null);
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw new SettingsException("it is far too long.");
            return (Parse(File.ReadAllBytes(path)), null);
        }
        catch (SettingsException error)
        {
            return (new ConsoleSettings(), $"The settings could not be read: {error.Message} The defaults are used. {Aside(path, time)}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (new ConsoleSettings(), $"The settings could not be read: {error.Message} The defaults are used.");
        }
    }

    /// <exception cref="SettingsException">It is no settings file of this version, or a value is out of range.</exception>
    public static ConsoleSettings Parse(ReadOnlySpan<byte> json)
    {
        if (json.Length > MostBytes)
            throw new SettingsException($"It has more than {MostBytes / 1024} KB; settings have a few.");
        ConsoleSettings? settings;
        try
        {
            settings = JsonSerializer.Deserialize<ConsoleSettings>(json, Json);
        }
        catch (JsonException error)
        {
            throw new SettingsException($"It is no settings file: {error.Message}", error);
        }

        if (settings is null)
            throw new SettingsException("It is empty.");
        if (settings.Version != ConsoleSettings.CurrentVersion)
            throw new SettingsException($"It is of version {settings.Version}; this console reads version {ConsoleSettings.CurrentVersion}.");
        return SettingsApplied.Problems(settings) is [var problem, ..] ? throw new SettingsException(problem) : settings;
    }

    public static byte[] ToBytes(ConsoleSettings settings) => JsonSerializer.SerializeToUtf8Bytes(settings, Json);

    /// <exception cref="IOException">The disk refuses; what was there is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static void Write(ConsolePaths paths, ConsoleSettings settings)
    {
        Directory.CreateDirectory(paths.Data);
        AtomicFile.Write(ConsolePaths.Inside(paths.Data, Name), ToBytes(settings));
    }

    private static string Aside(string path, TimeProvider time)
    {
        var kept = $"{path}.damaged-{time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture)}";
        try
        {
            File.Move(path, kept);
            return $"The file was kept as {Path.GetFileName(kept)}.";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "The file is where it was.";
        }
    }
}
