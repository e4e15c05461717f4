using System.Globalization;
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
/// <param name="Overhead">Share of the time that the bare engine would not have taken, round by round; below 0 where it was the slower one.</param>
/// <param name="Problem">Why it could not be measured; null when it was.</param>
/// <param name="Bare">The bare engine's real-time factor or tokens per second in the same run; null where it was not measured.</param>
internal sealed record EngineFigures(
    EngineKind Kind, string Id, string Name, double LoadMs, long MemoryBytes, double? FirstMs, double? RealTimeFactor, double? TokensPerSecond, double Overhead, string? Problem = null, double? Bare = null)
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
        .. Speed is { } speed ? [speed] : Array.Empty<string>(),
        .. Said(Bare, b => $"{(TokensPerSecond is null ? $"{b:0.00}" : $"{b:0}")} by the bare engine, {Overhead * 100:0.0} % overhead"),
        .. Said(FirstMs, m => $"first {(Kind switch { EngineKind.Recognizer => "words", EngineKind.Voice => "sound", _ => "token" })} after {m:0} ms"),
        string.Create(CultureInfo.InvariantCulture, $"loaded in {LoadMs:0} ms"),
        $"{Memory} of memory",
    ];

    /// <summary>For people; null where none was measured.</summary>
    public string? Speed => Said(RealTimeFactor, f => $"{f:0.00} s per second of sound").Concat(Said(TokensPerSecond, t => $"{t:0} tokens/s")).FirstOrDefault();

    /// <summary>For people.</summary>
    public string Memory => string.Create(CultureInfo.InvariantCulture, $"{MemoryBytes / 1e6:0} MB");

    private static IEnumerable<string> Said(double? figure, Func<double, FormattableString> say) => figure is { } known ? [say(known).ToString(CultureInfo.InvariantCulture)] : [];
}
