using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

public sealed class EngineApiTests : IAsyncLifetime
{
    private readonly TempFolder _home = new();
    private readonly FakeConversation _talk = new();
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = ConsoleHost.Build(new ConsoleHostOptions { Port = 0 }, services => services
            .AddSingleton(new ConsolePaths(_home.Path))
            .AddSingleton<IConversationFactory>(new FakeConversationFactory(() => _talk)));
        await _app.StartAsync(Cancellation);
        await _app.Services.GetRequiredService<ConversationHost>().StartAsync();
        _http.BaseAddress = new Uri(_app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task Voice_IsReplacedInTheConversationThatGoesOn()
    {
        using var response = await _http.PostAsJsonAsync("/api/engines/voice", new { id = "flite-rms" }, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((EngineKind.Voice, "flite-rms"), Assert.Single(_talk.Swaps));
        Assert.Equal("pocketsphinx-en-us", (await _http.GetFromJsonAsync<EnginesServing>("/api/engines", Cancellation))!.Recognizer);
    }

    [Fact]
    public async Task LoadingThatIsCancelled_LeavesTheOldEngineAndItsChoice()
    {
        var host = _app.Services.GetRequiredService<ConversationHost>();
        await host.ChooseAsync(EngineKind.Voice, "flite-slt", false);
        _talk.Swap = new TaskCompletionSource().Task;
        var choosing = host.ChooseAsync(EngineKind.Voice, "flite-rms", false);
        Assert.True(host.Choices[EngineKind.Voice].IsLoading);
        host.CancelChoice(EngineKind.Voice);
        await choosing;

        Assert.Equal(new EngineChoice(EngineKind.Voice, "flite-slt", false, null), host.Choices[EngineKind.Voice]);
        Assert.Equal("flite-slt", host.Request.Voice);
    }

    [Fact]
    public async Task DevicesThatAreLent_StartNoConversation_AndOneThatGoesOnKeepsThem()
    {
        var host = _app.Services.GetRequiredService<ConversationHost>();
        Assert.Null(await host.BorrowDevicesAsync());
        await host.StopAsync();
        using (await host.BorrowDevicesAsync())
        {
            Assert.Null(await host.BorrowDevicesAsync());
            await host.StartAsync();
            Assert.Null(host.Current);
            Assert.Contains("self-test", host.Problem!.What, StringComparison.Ordinal);
        }

        await host.StartAsync();
        Assert.Null(host.Problem);
    }

    [Theory]
    [InlineData("/api/engines/LanguageModel", "../secret.gguf", HttpStatusCode.BadRequest, "does not lie in")]
    [InlineData("/api/engines/LanguageModel", "/etc/passwd", HttpStatusCode.BadRequest, "does not lie in")]
    [InlineData("/api/engines/voice", "/etc/passwd", HttpStatusCode.BadRequest, "does not lie in")]
    [InlineData("/api/engines/voice", "flite-slt,../other.onnx", HttpStatusCode.BadRequest, "does not lie in")]
    [InlineData("/api/engines/recognizer", "../whisper.bin", HttpStatusCode.BadRequest, "does not lie in")]
    [InlineData("/api/engines/LanguageModel", "a.gguf+lora:/etc/passwd", HttpStatusCode.BadRequest, "does not lie in")]
    [InlineData("/api/engines/LanguageModel", "llamasharp:/etc/passwd", HttpStatusCode.BadRequest, "does not lie in")]
    [InlineData("/api/engines/LanguageModel", "llamasharp:", HttpStatusCode.BadRequest, "")]
    [InlineData("/api/engines/LanguageModel", "a.gguf+lora:b.gguf:much", HttpStatusCode.BadRequest, "is no scale")]
    [InlineData("/api/engines/7", "flite-rms", HttpStatusCode.NotFound, "There is no engine of the kind")]
    [InlineData("/api/engines/canceller", "speex", HttpStatusCode.NotFound, "There is no engine of the kind")]
    public async Task WishThatMakesNoSense_IsRefusedBeforeAnythingIsLoaded(string path, string id, HttpStatusCode status, string error)
    {
        using var response = await _http.PostAsJsonAsync(path, new { id }, Cancellation);

        Assert.Equal(status, response.StatusCode);
        Assert.Contains(error, (await response.Content.ReadFromJsonAsync<EngineRefusal>(Cancellation))!.Error, StringComparison.Ordinal);
        Assert.Empty(_talk.Swaps);
    }

    [Fact]
    public async Task FormOfAnotherPage_IsRefused()
    {
        using var form = new StringContent("id=flite-rms", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var response = await _http.PostAsync("/api/engines/voice", form, Cancellation);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/api/engines/voice") { Content = JsonContent.Create(new { id = "flite-rms" }) };
        foreign.Headers.Add("Origin", "http://elsewhere.example");
        using var second = await _http.SendAsync(foreign, Cancellation);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, second.StatusCode);
        Assert.Empty(_talk.Swaps);
    }

    [Fact]
    public async Task CommandLine_ReplacesTheModelOfTheRunningConsole_AndTellsWhatFails()
    {
        var file = _home / "models/other.gguf";
        Directory.CreateDirectory(_home / "models");
        await File.WriteAllTextAsync(file, "", Cancellation);
        Assert.Equal(ExitCode.Ok, await CommandLine.RunAsync(["models", "use", "llm", file, "--console", _http.BaseAddress!.ToString()]));
        Assert.Equal((EngineKind.LanguageModel, file), Assert.Single(_talk.Swaps));

        _talk.Swap = Task.FromException(new ModelUnavailableException("It needs about 9.0 GB.", "Take a smaller one."));
        Assert.Equal(ExitCode.PartUnavailable, await CommandLine.RunAsync(["models", "use", "llm", file, "--console", _http.BaseAddress!.ToString()]));
        Assert.Equal(ExitCode.PartUnavailable, await CommandLine.RunAsync(["models", "use", "voice", "--console", "http://127.0.0.1:9"]));
    }
}
