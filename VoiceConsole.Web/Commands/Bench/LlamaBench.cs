using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>llama.cpp's own llama-bench, for comparison on the same file and threads.</summary>
internal static class LlamaBench
{
    /// <summary>
    /// Decodes once up to the end of a prompt and once to the end of a reply, and returns the tokens per second between the two: a
    /// small model takes twice as long for its hundredth token as for its first. (llama-bench's own way to begin after a prompt
    /// crashes it on a model that has no token for a text's beginning.)
    /// </summary>
    /// <param name="program">Path of llama-bench.</param>
    /// <param name="tokens">Of the reply.</param>
    /// <param name="depth">Tokens in the context before the first.</param>
    /// <param name="repetitions">Of each; their mean counts.</param>
    /// <exception cref="InvalidDataException">The program is another, or could not measure.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static async Task<double> DecodeAsync(string program, string file, int threads, int tokens, int depth, int repetitions, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, ["-m", file, "-p", "0", "-n", $"{Text(depth)},{Text(depth + tokens)}", "-t", Text(threads), "-r", Text(repetitions), "-o", "json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new FileNotFoundException($"{program} cannot be started.");
        await using var stop = cancellationToken.UnsafeRegister(static process => ((Process)process!).Kill(), process);
        var complaint = process.StandardError.ReadToEndAsync(cancellationToken);
        var json = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return SpeedIn(json) ?? throw new InvalidDataException($"{program} did not say how fast it was, but ended with {process.ExitCode}: {LastLine(await complaint)} Give the path of llama.cpp's llama-bench.");
    }

    /// <summary>The tokens per second between the ends of the two tests of a report; null for anything else.</summary>
    internal static double? SpeedIn(string json)
    {
        try
        {
            using var report = JsonDocument.Parse(json);
            return report.RootElement is { ValueKind: JsonValueKind.Array } tests && tests.GetArrayLength() == 2
                && Number(tests[0], "n_gen") is { } before && Number(tests[0], "avg_ns") is { } begun
                && Number(tests[1], "n_gen") is { } after && Number(tests[1], "avg_ns") is { } ended
                && after > before && ended > begun ? (after - before) / (ended - begun) * 1e9 : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static double? Number(JsonElement test, string name) =>
        test.ValueKind == JsonValueKind.Object && test.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out var value) ? value : null;

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
