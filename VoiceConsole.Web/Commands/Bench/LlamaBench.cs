using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>llama.cpp's own llama-bench, for comparison on the same file and threads.</summary>
internal static class LlamaBench
{
    /// <summary>Decodes once after a prompt, and returns its tokens per second.</summary>
    /// <param name="program">Path of llama-bench.</param>
    /// <param name="depth">Tokens in the context before the first.</param>
    /// <exception cref="InvalidDataException">The program is another, or could not measure.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static async Task<double> DecodeAsync(string program, string file, int threads, int tokens, int depth, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, ["-m", file, "-p", "0", "-n", Text(tokens), "-d", Text(depth), "-t", Text(threads), "-r", "1", "-o", "json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new FileNotFoundException($"{program} cannot be started.");
        await using var stop = cancellationToken.UnsafeRegister(static process => ((Process)process!).Kill(), process);
        var complaint = process.StandardError.ReadToEndAsync(cancellationToken);
        var json = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        await complaint;
        return SpeedIn(json) ?? throw new InvalidDataException($"{program} did not say how fast it was. Give the path of llama.cpp's llama-bench.");
    }

    /// <summary>The tokens per second of a report of one test; null for anything else.</summary>
    internal static double? SpeedIn(string json)
    {
        try
        {
            using var report = JsonDocument.Parse(json);
            return report.RootElement is { ValueKind: JsonValueKind.Array } tests && tests.GetArrayLength() == 1
                && tests[0] is { ValueKind: JsonValueKind.Object } test && test.TryGetProperty("avg_ts", out var speed) && speed.ValueKind == JsonValueKind.Number && speed.TryGetDouble(out var value) && value > 0 ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
