using System.Text.Json;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Commands;

namespace VoiceConsole.Web.Data;

/// <summary>What <c>bench models</c> measured of one engine on this machine.</summary>
/// <param name="Kind">Which of the three.</param>
/// <param name="Id">As a ConversationRequest takes it.</param>
/// <param name="Name">For people.</param>
/// <param name="LoadMs">Until it could serve, once its files had been read before.</param>
/// <param name="MemoryBytes">What the process grew by.</param>
/// <param name="FirstMs">Milliseconds to the first partial words, the first sound or the first token; null where there was none.</param>
/// <param name="RealTimeFactor">Time per second of sound; null for language models.</param>
/// <param name="TokensPerSecond">Of language models; null for the others.</param>
/// <param name="Overhead">Share of the time that was not the engine's own work.</param>
/// <param name="Problem">Why it could not be measured; null when it was.</param>
internal sealed record EngineFigures(
    EngineKind Kind, string Id, string Name, double LoadMs, long MemoryBytes, double? FirstMs, double? RealTimeFactor, double? TokensPerSecond, double Overhead, string? Problem = null)
{
    private const string FileName = "bench-models.json";

    /// <summary>The newest ones; empty where nothing was measured, or the file makes no sense.</summary>
    public static IReadOnlyList<EngineFigures> Read(ConsolePaths paths)
    {
        try
        {
            return JsonSerializer.Deserialize<EngineFigures[]>(File.ReadAllText(Path.Combine(paths.Data, FileName)), CommandRun.Json) ?? [];
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Replaces what was known of these engines and keeps the rest.</summary>
    public static void Write(ConsolePaths paths, IReadOnlyList<EngineFigures> figures)
    {
        var others = Read(paths).Where(f => !figures.Any(n => (n.Kind, n.Id) == (f.Kind, f.Id)));
        Directory.CreateDirectory(paths.Data);
        File.WriteAllText(Path.Combine(paths.Data, FileName), JsonSerializer.Serialize(figures.Concat(others), CommandRun.Json));
    }

    /// <summary>A few words each, for people.</summary>
    public IReadOnlyList<string> Facts => Problem is not null ? [] :
    [
        .. RealTimeFactor is { } factor ? [string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{factor:0.00} s per second of sound")] : Array.Empty<string>(),
        .. TokensPerSecond is { } tokens ? [string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{tokens:0} tokens/s")] : Array.Empty<string>(),
        .. FirstMs is { } first ? [string.Create(System.Globalization.CultureInfo.InvariantCulture, $"first {(Kind switch { EngineKind.Recognizer => "words", EngineKind.Voice => "sound", _ => "token" })} after {first:0} ms")] : Array.Empty<string>(),
    ];
}
