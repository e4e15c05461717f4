using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

public sealed class ConsoleHostTests
{
    private const string Token = "a-token-of-the-test";

    [Fact]
    public async Task Page_Requested_CarriesTheSecurityHeaders()
    {
        await using var app = await StartAsync(new ConsoleHostOptions { Port = 0 });
        using var http = new HttpClient();
        using var response = await http.GetAsync(app.Urls.First());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
            "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
            response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Contains("microphone=()", response.Headers.GetValues("Permissions-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host", "evil.example", HttpStatusCode.BadRequest)]
    [InlineData("Origin", "http://evil.example", HttpStatusCode.Forbidden)]
    public async Task Request_FromAnotherSite_IsRefused(string header, string value, HttpStatusCode expected)
    {
        await using var app = await StartAsync(new ConsoleHostOptions { Port = 0 });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.First());
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Connection_OfAPageElsewhere_IsRefused_AndAFormWithoutTheServersOwnMarkTakesNothing()
    {
        await using var app = await StartAsync(new ConsoleHostOptions { Port = 0 });
        var place = new Uri(app.Urls.First());
        using var own = new System.Net.WebSockets.ClientWebSocket();
        own.Options.SetRequestHeader("Origin", place.GetLeftPart(UriPartial.Authority));
        await own.ConnectAsync(new Uri($"ws://{place.Authority}/_blazor?id=none"), CancellationToken.None).ContinueWith(t => Assert.DoesNotContain("403", t.Exception?.ToString() ?? "", StringComparison.Ordinal));
        using var foreign = new System.Net.WebSockets.ClientWebSocket();
        foreign.Options.SetRequestHeader("Origin", "http://evil.example");
        var refused = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => foreign.ConnectAsync(new Uri($"ws://{place.Authority}/_blazor"), CancellationToken.None));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);

        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("_handler", "any")]);
        using var posted = await http.PostAsync(place, form);
        Assert.Equal(HttpStatusCode.BadRequest, posted.StatusCode);
    }

    [Fact]
    public async Task Token_GivenOnceInTheAddress_BecomesACookieThatLetsIn()
    {
        await using var app = await StartAsync(new ConsoleHostOptions { Port = 0, Token = Token });
        using var http = new HttpClient();
        var url = app.Urls.First();

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(url)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(url + "/?token=a-token-of-the-tesT")).StatusCode);
        using var admitted = await http.GetAsync(url + "/?token=" + Token);
        Assert.Equal(HttpStatusCode.OK, admitted.StatusCode);
        Assert.Equal("", admitted.RequestMessage!.RequestUri!.Query);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(url)).StatusCode);
    }

    [Theory]
    [InlineData("Bearer " + Token, HttpStatusCode.OK)]
    [InlineData("bearer " + Token, HttpStatusCode.OK)]
    [InlineData("Bearer a-token-of-the-tesT", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer ", HttpStatusCode.Unauthorized)]
    [InlineData("Basic " + Token, HttpStatusCode.Unauthorized)]
    [InlineData(Token, HttpStatusCode.Unauthorized)]
    public async Task Token_OfAProgram_LetsInAsBearerOnly(string authorization, HttpStatusCode expected)
    {
        await using var app = await StartAsync(new ConsoleHostOptions { Port = 0, Token = Token });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.First());
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
        Assert.DoesNotContain(response.Headers.Where(h => h.Key == "Set-Cookie").SelectMany(h => h.Value), c => c.StartsWith("voiceconsole=", StringComparison.Ordinal));
    }

    [Fact]
    public void Bind_ToAllAddressesWithoutAToken_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => ConsoleHost.Build(new ConsoleHostOptions { Bind = IPAddress.Any, Port = 0 }, _ => { }));
        Assert.Contains("--token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_InUse_IsAClearErrorWithTheRemedy()
    {
        await using var app = await StartAsync(new ConsoleHostOptions { Port = 0 });
        var port = new Uri(app.Urls.First()).Port;
        var error = await Assert.ThrowsAsync<IOException>(() => ServeCommand.RunAsync(new ConsoleHostOptions { Port = port }, Configure, CancellationToken.None));
        Assert.Contains("--port", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddressThatIsNotThisMachines_IsAClearErrorWithTheRemedy()
    {
        // Kept free for examples: nobody has it.
        var options = new ConsoleHostOptions { Bind = IPAddress.Parse("192.0.2.1"), Port = 0, Token = Token };
        var error = await Assert.ThrowsAsync<IOException>(() => ServeCommand.RunAsync(options, Configure, CancellationToken.None));
        Assert.Equal("This machine has no address 192.0.2.1. Choose one of its own with --bind, or 0.0.0.0 for all of them.", error.Message);
    }

    [Fact]
    public async Task Start_WhoseModelIsDamaged_HasARemedyThatHelps_AndWhatIsUnforeseenIsLogged()
    {
        using var log = new LogList();
        Exception error = new InvalidDataException("some.gguf is truncated.");
        await using var app = ConsoleHost.Build(new ConsoleHostOptions { Port = 0 }, services => services
            .AddSingleton<IConversationFactory>(new FakeConversationFactory(() => throw error)).AddLogging(logs => logs.ClearProviders().AddProvider(log)));
        var host = app.Services.GetRequiredService<ConversationHost>();

        await host.StartAsync();
        Assert.Equal(new LiveProblem("some.gguf is truncated.", "Choose another file, or fetch it again."), host.Problem);
        Assert.Empty(log.Errors);

        error = new InvalidOperationException("Nobody thought of this.");
        await host.StartAsync();
        Assert.Contains("log", host.Problem!.Remedy, StringComparison.Ordinal);
        Assert.Same(error, Assert.Single(log.Errors));
    }

    [Fact]
    public async Task Start_WhosePartCannotBeHad_BecomesAProblemWithItsRemedy()
    {
        await using var app = ConsoleHost.Build(new ConsoleHostOptions { Port = 0 }, services => services.AddSingleton<IConversationFactory>(
            new FakeConversationFactory(() => throw new ModelUnavailableException("flite cannot be fetched.", "Connect to the network."))));
        var host = app.Services.GetRequiredService<ConversationHost>();
        await host.StartAsync();

        Assert.Equal(new LiveProblem("flite cannot be fetched.", "Connect to the network."), host.Problem);
        Assert.Null(host.Current);
        Assert.Equal("Fetching flite, 3 of 12 MB", host.Progress.Single());
    }

    [Fact]
    public async Task Conversation_Stopped_CanBeStartedAgain()
    {
        await using var app = ConsoleHost.Build(new ConsoleHostOptions { Port = 0 }, services => services.AddSingleton<IConversationFactory>(new FakeConversationFactory(() => new FakeConversation())));
        var host = app.Services.GetRequiredService<ConversationHost>();
        var attached = new List<IConversation>();
        host.OnCreated = attached.Add;
        await host.StartAsync();
        await host.StopAsync();
        Assert.Null(host.Current);
        await host.StartAsync();

        Assert.Equal(2, attached.Count);
        Assert.Same(attached[1], host.Current);
    }

    private sealed class LogList : ILoggerProvider, ILogger
    {
        public List<Exception?> Errors { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Dispose() { }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
                Errors.Add(exception);
        }
    }

    private static async Task<WebApplication> StartAsync(ConsoleHostOptions options)
    {
        var app = ConsoleHost.Build(options, Configure);
        await app.StartAsync();
        return app;
    }

    private static void Configure(IServiceCollection services) =>
        services.AddSingleton<IConversationFactory>(new FakeConversationFactory(() => new FakeConversation()));
}
