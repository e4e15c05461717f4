using Microsoft.Extensions.Time.Testing;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

public sealed class FirstStartTests : IDisposable
{
    private static readonly string[] s_roomParts = ["webrtc", "silero-vad", "pocketsphinx", "alsa", "flite", "espeak-ng"];
    private readonly TempFolder _home = new();
    private readonly GatedSource _source = new();
    private readonly FakeTimeProvider _time = new();
    private readonly LiveSignal _signal;
    private readonly Lines _terminal = new();

    public FirstStartTests() => _signal = new LiveSignal(_time);

    public void Dispose()
    {
        _signal.Dispose();
        _home.Dispose();
    }

    [Theory]
    [InlineData("room", null, null, null, "webrtc silero-vad pocketsphinx alsa flite espeak-ng llama voiceconsole-chat")]
    [InlineData("host", null, null, null, "webrtc silero-vad pocketsphinx alsa flite espeak-ng portaudio llama voiceconsole-chat")]
    [InlineData("wav", "none", "flite-awb", "some.gguf", "silero-vad pocketsphinx alsa flite llama")]
    [InlineData("wav", "speex", "espeak-ng", "http://localhost:8080", "silero-vad pocketsphinx alsa espeak-ng")]
    public void Request_NeedsTheseParts(string device, string? canceller, string? voice, string? model, string expected)
    {
        var request = new ConversationRequest { Device = device, Canceller = canceller, Voice = voice, LanguageModel = model };
        Assert.Equal(expected, string.Join(' ', EngineLoader.PartsOf(request, _source.Store(_home).Catalog).Select(p => p.Id)));
    }

    [Fact]
    public async Task Start_FetchesEveryPart_AndTheNextStartNone()
    {
        using (var first = Create())
        {
            await first.StartAsync(default);
            Assert.Equal(s_roomParts, first.Parts.Select(p => p.Part.Id));
            Assert.True(first.IsIncomplete);
            EndAll();
            await UntilAsync(() => !first.IsIncomplete);
            await first.StopAsync(default);
        }

        Assert.Equal(12, _terminal.All.Count);
        Assert.Equal(["Fetching The webrtc, 3.0 MB…", "The webrtc is ready."], _terminal.All.Take(2));

        using var second = Create();
        await second.StartAsync(default);
        Assert.False(second.IsIncomplete);
        await second.StopAsync(default);
        Assert.Equal(12, _terminal.All.Count);
    }

    [Fact]
    public async Task PartThatCannotBeHad_LeavesTheOthersAlone_AndIsHadByRetry()
    {
        _source["alsa"].End.SetException(new ModelUnavailableException("There is no network.", "Connect it."));
        using var start = Create();
        await start.StartAsync(default);
        EndAll();
        await UntilAsync(() => start.Parts.All(p => p.Step is PartStep.Ready or PartStep.Failed));

        Assert.Equal(["alsa", "flite", "espeak-ng"], start.Parts.Where(p => p.Step == PartStep.Failed).Select(p => p.Part.Id));
        Assert.Equal("The flite needs The alsa, which could not be had.", start.Parts[4].Problem!.Message);
        Assert.Equal("Connect it.", start.Parts[4].Problem!.Remedy);
        Assert.Contains("There is no network. Connect it.", _terminal.All);

        // What the part needs is tried with it, and what failed for want of it.
        start.Retry("flite");
        EndAll();
        await UntilAsync(() => start.Parts.Count(p => p.Step == PartStep.Ready) == 5);
        Assert.Equal(["espeak-ng"], start.Parts.Where(p => p.Step == PartStep.Failed).Select(p => p.Part.Id));
        start.Retry("alsa");
        await UntilAsync(() => !start.IsIncomplete);
        await start.StopAsync(default);
    }

    [Fact]
    public async Task PartThatIsPaused_LeavesTheOthersAlone_AndIsTakenUpByRetry()
    {
        using var start = Create();
        await start.StartAsync(default);
        (await _source["webrtc"].Report.Task)(1_000_000);
        start.Pause("webrtc");
        foreach (var part in s_roomParts[1..])
            _source[part].End.TrySetResult();
        await UntilAsync(() => start.Parts.Count(p => p.Step == PartStep.Ready) == 5);
        Assert.Equal("It was paused; what has come stays.", start.Parts[0].Problem!.Message);

        start.Retry("webrtc");
        await _source["webrtc"].Report.Task;
        Assert.Equal(1_000_000, start.Parts[0].Bytes);
        _source["webrtc"].End.TrySetResult();
        await UntilAsync(() => !start.IsIncomplete);
        await start.StopAsync(default);
    }

    [Fact]
    public async Task ConsoleThatEnds_GivesTheFetchUp()
    {
        using var start = Create();
        await start.StartAsync(default);
        await _source["webrtc"].Report.Task;
        await start.StopAsync(default);

        Assert.All(start.Parts, p => Assert.Equal(PartStep.Waiting, p.Step));
    }

    [Fact]
    public async Task TimeLeft_IsKnownAfterTwoSecondsOfBytes()
    {
        using var start = Create();
        await start.StartAsync(default);
        var report = await _source["webrtc"].Report.Task;
        Assert.Null(start.Left);
        for (var second = 1; second <= 4; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            report(second * 500_000);
        }

        // 16 of 18 MB at half a megabyte a second.
        Assert.Equal(32, start.Left!.Value.TotalSeconds, 0.1);
        await start.StopAsync(default);
    }

    private FirstStart Create() => new(_source.Store(_home), new ConversationRequest { Device = "room", LanguageModel = "http://localhost:8080" }, _signal, _time, _terminal);

    private void EndAll()
    {
        foreach (var part in s_roomParts)
            _source[part].End.TrySetResult();
    }

    // No clock: the fetch runs on the pool, and the test yields to it.
    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class Lines : IProgress<string>
    {
        public List<string> All { get; } = [];

        public void Report(string value)
        {
            lock (All)
                All.Add(value);
        }
    }
}
