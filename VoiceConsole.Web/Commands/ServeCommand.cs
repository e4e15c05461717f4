using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Commands;

/// <summary>serve: the console with its page.</summary>
internal static class ServeCommand
{
    private const string TokenVariable = "VOICECONSOLE_TOKEN";

    private static readonly string[] s_devices = ["host", "wav", "room"];

    /// <param name="configure">Adds the IConversationFactory and storage to the server.</param>
    public static Command Build(Action<IServiceCollection> configure)
    {
        var port = new Option<int>("--port") { Description = "Port of the page; 0 takes a free one.", DefaultValueFactory = _ => 5080 };
        var bind = new Option<string>("--bind") { Description = "Address to listen on. Any but loopback asks for a token.", DefaultValueFactory = _ => "127.0.0.1" };
        var token = new Option<string?>("--token") { Description = $"At least {AccessToken.MinLength} characters that a browser must bring: http://…/?token=…. Better given by {TokenVariable}, which other users of the machine cannot see; without either, one is made for an address that others can reach, and told once." };
        var device = new Option<string>("--device") { Description = "Sound: host, wav or room.", DefaultValueFactory = _ => "host" };
        device.AcceptOnlyFromAmong(s_devices);
        var room = new Option<string?>("--room") { Description = "Preset of the simulated room, for example office." };
        var mic = new Option<string?>("--mic") { Description = "host: the microphone's name or number; wav and room: the recording that plays the user." };
        var speaker = new Option<string?>("--speaker") { Description = "host: the loudspeaker's name or number." };
        var keepDays = new Option<int?>("--keep-days") { Description = "Delete stored conversations older than so many days; without it age does not matter." };
        var keepGigabytes = new Option<double>("--keep-gb") { Description = "Delete the oldest stored conversations beyond so many gigabytes.", DefaultValueFactory = _ => 10 };
        var otlp = new Option<string?>("--otlp") { Description = "Send metrics and traces by OTLP over HTTP to this collector, for example http://localhost:4318. Metrics are at /metrics in any case." };
        var command = new Command("serve", "Serves the page with the live conversation (default).\n\nExamples:\n  serve --port 8080\n  serve --device room --room office\n  serve --bind 0.0.0.0")
        {
            port, bind, token, device, room, mic, speaker, keepDays, keepGigabytes, otlp,
        };
        var engines = EngineOptions.AddTo(command);
        command.SetRun((parsed, cancellationToken) =>
        {
            var request = engines.Apply(parsed, new ConversationRequest
            {
                Device = parsed.GetValue(device)!,
                Room = parsed.GetValue(room),
                Microphone = parsed.GetValue(mic),
                Loudspeaker = parsed.GetValue(speaker),
            });
            var address = Address(parsed.GetValue(bind)!);
            var given = Token(parsed.GetValue(token) ?? Environment.GetEnvironmentVariable(TokenVariable));
            var isMade = given is null && !IPAddress.IsLoopback(address);
            return RunAsync(
                new ConsoleHostOptions
                {
                    Bind = address,
                    Port = Port(parsed.GetValue(port)),
                    Token = isMade ? AccessToken.New() : given,
                    TellToken = isMade,
                    Request = request,
                    Given = Given(parsed),
                    Otlp = Collector(parsed.GetValue(otlp)),
                    Retention = Keep(parsed.GetValue(keepDays), parsed.GetValue(keepGigabytes)),
                },
                configure, cancellationToken);
        });
        return command;
    }

    /// <summary>Serves until cancelled.</summary>
    /// <exception cref="IOException">The port cannot be opened; the message says what to do.</exception>
    public static async Task<int> RunAsync(ConsoleHostOptions options, Action<IServiceCollection> configure, CancellationToken cancellationToken)
    {
        await using var app = ConsoleHost.Build(options, configure);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception error) when (error is SocketException || error.InnerException is AddressInUseException)
        {
            throw new IOException(
                (error as SocketException)?.SocketErrorCode switch
                {
                    SocketError.AccessDenied => $"This user may not open port {options.Port}. Choose one from 1024 with --port.",
                    SocketError.AddressNotAvailable => $"This machine has no address {options.Bind}. Choose one of its own with --bind, or 0.0.0.0 for all of them.",
                    null or SocketError.AddressAlreadyInUse => $"Port {options.Port} on {options.Bind} is in use. Choose another with --port, or stop the program that has it.",
                    _ => $"Port {options.Port} on {options.Bind} cannot be opened: {error.Message} Choose others with --port and --bind.",
                },
                error);
        }

        Console.Out.WriteLine($"VoiceConsole is at {string.Join(", ", app.Urls)}{(options.Token is null || options.TellToken ? "" : " (add /?token=… once)")}. Ctrl+C ends it.");
        if (options.TellToken)
            Console.Out.WriteLine($"Open it once with /?token={options.Token} at the end of the address; this is not said again.");
        Recommend(app.Services.GetRequiredService<ModelStore>(), app.Services.GetRequiredService<ConversationHost>().Request.Options.Language);
        await app.WaitForShutdownAsync(cancellationToken);
        return ExitCode.Ok;
    }

    private static void Recommend(ModelStore store, string language)
    {
        try
        {
            foreach (var part in RecommendedParts.Missing(store, language))
                Console.Out.WriteLine($"Recommended for this machine: {part.Name} ({part.Size / 1e6:0} MB, {part.Licence}), by 'models pull {part.Id}{(part.IsVerified ? "" : " --unverified")}' or on the Models page.");
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // The folder's or the catalogue's problem is told where parts are fetched.
        }
    }

    // Options that have a default are in the result, too, where nobody gave them.
    private static HashSet<string> Given(ParseResult parsed) =>
        [.. parsed.CommandResult.Children.OfType<OptionResult>().Where(o => !o.Implicit).Select(o => o.Option.Name)];

    private static IPAddress Address(string text) => text == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(text, out var address) ? address
        : throw new ArgumentException($"--bind {text} is not an address. Give one such as 127.0.0.1 or 0.0.0.0.");

    private static Uri? Collector(string? text) => text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw new ArgumentException($"--otlp {text} is not an address. Give one such as http://localhost:4318.");

    private static int Port(int port) => port is >= 0 and <= 65_535 ? port : throw new ArgumentException($"--port {port} does not exist: 0 to 65535.");

    private static RetentionOptions Keep(int? days, double gigabytes) => days is null or > 0 && gigabytes > 0
        ? new RetentionOptions(days is { } some ? TimeSpan.FromDays(some) : null, (long)(gigabytes * 1e9))
        : throw new ArgumentException("--keep-days and --keep-gb must be above 0.");

    private static string? Token(string? token) => token is null || token.Length >= AccessToken.MinLength ? token
        : throw new ArgumentException($"--token, or {TokenVariable}, is too short: at least {AccessToken.MinLength} characters.");
}
