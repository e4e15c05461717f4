using System.CommandLine;
using System.Net.Http.Headers;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Commands;

/// <summary><c>models use</c>: has a console that is running replace an engine, in the midst of its conversation.</summary>
internal static class UseCommand
{
    private static readonly string[] s_kinds = ["recognizer", "llm", "voice"];

    public static Command Build()
    {
        var kind = new Argument<string>("KIND") { Description = "recognizer, llm or voice." };
        kind.AcceptOnlyFromAmong(s_kinds);
        var id = new Argument<string?>("ID") { Description = "A voice or recogniser by name, a file or folder in models/, or a server's address; the default without it.", Arity = ArgumentArity.ZeroOrOne };
        var console = new Option<string>("--console") { Description = "Where the console runs.", DefaultValueFactory = _ => "http://127.0.0.1:5080" };
        var token = new Option<string?>("--token") { Description = "The console's token, if it has one." };
        var freeFirst = new Option<bool>("--free-first") { Description = "Free the old one before the new one is loaded, where memory does not hold both; turns wait meanwhile." };
        var json = CommandRun.JsonOption();
        var command = new Command("use", """
            Replaces an engine of a running console; its conversation goes on.

            Example:
              models use voice flite-rms
              models use llm models/other.gguf --free-first
            """) { kind, id, console, token, freeFirst, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var which = parsed.GetValue(kind) switch
            {
                "recognizer" => EngineKind.Recognizer,
                "llm" => EngineKind.LanguageModel,
                _ => EngineKind.Voice,
            };
            var wish = parsed.GetValue(id);
            // The console may have been started in another folder.
            if (wish is not null && (File.Exists(wish) || Directory.Exists(wish)))
                wish = Path.GetFullPath(wish);
            var serving = await SendAsync(Address(parsed.GetValue(console)!), parsed.GetValue(token), which, new EngineWish(wish, parsed.GetValue(freeFirst)), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(serving);
            else
                Console.Out.WriteLine(PlainText.ForTerminal(
                    $"{(serving.IsTalking ? "serving" : "for the next conversation")}: recogniser {serving.Recognizer ?? "default"}, model {serving.LanguageModel ?? "default"}, voice {serving.Voice ?? "default"}"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
        ? address
        : throw new ArgumentException($"--console {text} is not an address. Give one such as http://127.0.0.1:5080.");

    private static async Task<EnginesServing> SendAsync(Uri console, string? token, EngineKind kind, EngineWish wish, CancellationToken cancellationToken)
    {
        // Loading a large model takes its time.
        using var http = new HttpClient { BaseAddress = console, Timeout = Timeout.InfiniteTimeSpan };
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await http.PostAsJsonAsync($"{EngineApi.Path}/{kind}", wish, cancellationToken);
            if (response.IsSuccessStatusCode)
                return (await response.Content.ReadFromJsonAsync<EnginesServing>(cancellationToken))!;
            if (response.Content.Headers.ContentType?.MediaType == "application/json" && await response.Content.ReadFromJsonAsync<EngineRefusal>(cancellationToken) is { } refusal)
                throw new ModelUnavailableException(refusal.Error, refusal.Remedy);
            throw new ModelUnavailableException($"{console} answered {(int)response.StatusCode}.", "See that a console runs there, and give its --token if it has one.");
        }
        catch (HttpRequestException error)
        {
            throw new ModelUnavailableException($"There is no console at {console}: {error.Message}", "Start it with 'serve', or give its address with --console.", error);
        }
    }
}
