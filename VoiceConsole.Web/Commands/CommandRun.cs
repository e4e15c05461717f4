using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands;

/// <summary>What all commands share: the --json switch, and failures as one clear message, its remedy and an exit code.</summary>
internal static class CommandRun
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>A new --json option for a command.</summary>
    public static Option<bool> JsonOption() => new("--json") { Description = "Print JSON for machines on standard output, and nothing else there." };

    /// <summary>Sets the command's action: what it throws becomes a message on standard error and an <see cref="ExitCode"/>.</summary>
    public static void SetRun(this Command command, Func<ParseResult, CancellationToken, Task<int>> run) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                return await run(parsed, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return ExitCode.Cancelled;
            }
            catch (ModelUnavailableException error)
            {
                return Fail(error.Message, error.Remedy, ExitCode.PartUnavailable);
            }
            catch (AudioDeviceException error)
            {
                return Fail(error.Message, null, ExitCode.DeviceUnavailable);
            }
            catch (Exception error) when (error is ArgumentException or InvalidDataException or FileNotFoundException or DirectoryNotFoundException)
            {
                return Fail(error.Message, null, ExitCode.Usage);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return Fail(error.Message, null, ExitCode.Failed);
            }
        });

    public static void Print<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Json));

    private static int Fail(string message, string? remedy, int code)
    {
        Console.Error.WriteLine($"error: {message}");
        if (!string.IsNullOrEmpty(remedy))
            Console.Error.WriteLine($"remedy: {remedy}");
        return code;
    }
}
