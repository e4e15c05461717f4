using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Data;

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

    public const string Adult = "--adult";

    /// <summary>A new --adult option for a command that lists, fetches or loads models.</summary>
    public static Option<bool> AdultOption() => new(Adult) { Description = "Models that were made for adult content, too; without it they are not listed, fetched or loaded." };

    /// <summary>Sets the command's action: what it throws becomes a message on standard error and an <see cref="ExitCode"/>.</summary>
    public static void SetRun(this Command command, Func<ParseResult, CancellationToken, Task<int>> run) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var errors = parsed.InvocationConfiguration.Error;
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
                return Fail(errors, error.Message, error.Remedy, ExitCode.PartUnavailable);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
            {
                return Fail(errors, error.Message, "See which parts are damaged with 'models verify', and fetch them again with 'models pull'.", ExitCode.PartUnavailable);
            }
            catch (AudioDeviceException error)
            {
                return Fail(errors, error.Message, null, ExitCode.DeviceUnavailable);
            }
            catch (Exception error) when (error is ArgumentException or InvalidDataException or FileNotFoundException or DirectoryNotFoundException)
            {
                return Fail(errors, error.Message, null, ExitCode.Usage);
            }
            catch (StorageException error)
            {
                return Fail(errors, error.What, error.Remedy, ExitCode.Failed);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return Fail(errors, error.Message, null, ExitCode.Failed);
            }
            catch (Exception error)
            {
                return Fail(errors, error.Message, "Try again. If it fails again it is a fault of the console's own: report it, with what you did.", ExitCode.Failed);
            }
        });

    public static void Print<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Json));

    private static int Fail(TextWriter errors, string message, string? remedy, int code)
    {
        errors.WriteLine($"error: {message}");
        if (!string.IsNullOrEmpty(remedy))
            errors.WriteLine($"remedy: {remedy}");
        return code;
    }
}
