using System.Text.Json;
using VoiceConsole.Engine;
using VoiceConsole.Web.Commands;
using VoiceConsole.Web.Commands.Bench.Echo;

namespace VoiceConsole.Web.Data;

/// <summary>The newest result of <c>bench echo</c>, kept in data/ for the Echo page.</summary>
internal static class EchoResults
{
    public const string FileName = "bench-echo.json";

    private const long MostBytes = 20_000_000;

    /// <summary>Puts it in the place of the one before.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static void Keep(ConsolePaths paths, EchoReport report)
    {
        Directory.CreateDirectory(paths.Data);
        AtomicFile.Write(Path.Combine(paths.Data, FileName), JsonSerializer.SerializeToUtf8Bytes(report, CommandRun.Json));
    }

    /// <returns>Null where none has been kept.</returns>
    /// <exception cref="InvalidDataException">The file is no result of this version.</exception>
    public static EchoResult? Read(ConsolePaths paths)
    {
        var file = new FileInfo(Path.Combine(paths.Data, FileName));
        if (!file.Exists)
            return null;
        try
        {
            if (file.Length > MostBytes)
                throw new JsonException("it is far too long.");
            using var stream = file.OpenRead();
            return JsonSerializer.Deserialize<EchoResult>(stream, CommandRun.Json) is { Places: not null } result
                ? result with { At = file.LastWriteTimeUtc }
                : throw new JsonException("it has no places.");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{FileName} in the data folder cannot be read: {error.Message} Run bench echo again.", error);
        }
    }
}

/// <summary>Of the benchmark's result, what the page shows.</summary>
/// <param name="Quick">The small grid.</param>
/// <param name="At">When it was kept.</param>
public sealed record EchoResult(bool Quick, DateTimeOffset At, IReadOnlyList<EchoPlace> Places);

/// <summary>One setup's figures at a place of the grid. Null where the scenario does not ask.</summary>
/// <param name="SignalToEcho">Level of the user over the echo, dB.</param>
/// <param name="BotMinutes">Minutes in which the console spoke.</param>
/// <param name="Stopped">Of the <paramref name="BargeIns"/>.</param>
public sealed record EchoPlace(
    string Setup, string Scenario, double? SignalToEcho, int? DelayMs, double BotMinutes, int SelfTurns, int FalseStops, int FalseDucks,
    int BargeIns, int Stopped, double? StopP50, int UserTurns, int Unanswered, double? ErleP50);
