using Microsoft.AspNetCore.Http;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Servers;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Conversation;

/// <summary>Conversations on virtual time whose model is a real server that fails at every attempt of the first turn and works in the second.</summary>
public class ModelServerFailureTests
{
    private const string Fallback = "The other one speaks.";

    public static MatrixTheoryData<string, string> Failures { get; } = new(["html", "10 MB", "three words, then nothing", "breaks off", "refused"], ["en", "zh"]);

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task ServerFails_ItIsApologisedFor_AskedAgainLaterAndLater_AndReplacedByTheFallback_AndTheNextTurnIsAnswered(string failure, string language)
    {
        var options = new ConversationOptions { Language = language, ModelAttempts = 3 };
        // The server hangs in the world's time, too.
        if (failure == "three words, then nothing")
            options = options with { StallTimeout = TimeSpan.FromSeconds(0.2) };
        var asked = 0;
        await using var server = await LlamaServer.StartAsync(
            (_, response) => asked++ < options.ModelAttempts ? FailAsync(failure, response) : response.SayAsync("I am back."),
            failure == "html" ? "text/html" : "text/event-stream");
        var address = LlamaServer.AddressOf(server);
        if (failure == "refused")
            await server.StopAsync(TestContext.Current.CancellationToken);
        using var client = new LlamaServerClient(address);
        await using var talk = new SimulatedConversation(
            ["hello", "hello again"], [], options, fallback: [Fallback], model: time => EngineSource.OnThisTime(client, time, options));
        talk.Room.Speak(Tones.Of(TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(1));
        talk.Room.Speak(Tones.Of(TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(25));

        var events = await talk.RunAsync();

        var heard = events.OfType<PlaybackFinished>().Select(e => Words(e.HeardText)).ToList();
        Assert.Equal(Words(Expected(failure, Apologies.OneMoment(language))), heard[0]);
        Assert.Equal(failure is "html" or "refused" ? Words($"{Apologies.OneMoment(language)} {Fallback}") : Words("I am back."), heard[1]);
        Assert.Equal(["answered", "answered"], events.OfType<TurnCompleted>().Select(e => e.Outcome));
        var begun = events.OfType<GenerationStarted>().First().Position;
        var retries = events.OfType<GenerationRetried>().Where(e => e.Turn == new TurnId(1)).ToList();
        var stalled = failure == "three words, then nothing" ? options.StallTimeout.TotalSeconds : 0;
        Assert.Equal([2, 3, 4], retries.Select(r => r.Attempt));
        Assert.Equal("fallback", retries[^1].Model);
        Assert.Equal([stalled + 0.5, stalled + 1, stalled], retries.Zip(retries.Select(r => r.Position).Prepend(begun), (r, before) => (r.Position - before) / 16_000.0), (a, b) => Math.Abs(a - b) < 0.01);
    }

    private static Task FailAsync(string failure, HttpResponse response) => failure switch
    {
        "html" => response.WriteAsync("<html>hello</html>"),
        "10 MB" => response.WriteAsync("data: " + new string('x', 10_000_000)),
        "breaks off" => response.WriteAsync("data: {\"content\":\"one \"}\n\n"),
        _ => HangAsync(response),
    };

    private static async Task HangAsync(HttpResponse response)
    {
        await response.WriteAsync("data: {\"content\":\"one \"}\n\ndata: {\"content\":\"two \"}\n\ndata: {\"content\":\"three \"}\n\n");
        await response.Body.FlushAsync();
        await Task.Delay(Timeout.Infinite, response.HttpContext.RequestAborted);
    }

    private static string Expected(string failure, string apology)
    {
        // What was said before is apologised for anew; an apology that would follow another is left out.
        var said = failure switch { "three words, then nothing" => "one two three", "breaks off" => "one", _ => null };
        return said is null ? $"{apology} {Fallback}" : $"{said} {apology} {said} {apology} {said} {apology} {Fallback}";
    }

    private static string Words(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
