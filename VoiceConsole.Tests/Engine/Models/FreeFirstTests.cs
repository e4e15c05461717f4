using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Models;

/// <summary>Swaps where memory does not hold two engines: the old one goes before the new one is loaded.</summary>
public sealed class FreeFirstTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("other model", "other model", null, "Another answer.")]
    [InlineData("too large", null, "It needs about 9.0 GB.", "The old one again.")]
    public async Task OldModelFreedFirst_TheNextIsLoadedWhenItIsGone_AndAnswers(string id, string? swapped, string? error, string answer)
    {
        var source = new SwitchSource();
        await using var talk = Talk(source);
        source.Loading = () => source.WasFreed.Add(talk.Model.IsFreed);
        talk.Room.Speak(Tones.Of(s_second));
        talk.Room.Speak(Tones.Of(s_second), 6 * s_second);
        talk.At(5 * s_second, () => _ = talk.Session.SwapAsync(EngineKind.LanguageModel, id, freeFirst: true, CancellationToken.None));

        var events = await talk.RunAsync();

        Assert.All(source.WasFreed, Assert.True);
        Assert.Equal(error is null ? 1 : 2, source.WasFreed.Count);
        Assert.Equal(swapped, events.OfType<EngineSwapped>().SingleOrDefault()?.To);
        Assert.Equal(error, events.OfType<EngineSwapFailed>().SingleOrDefault()?.Error);
        Assert.Equal(["One two three four five six.", answer], events.OfType<PlaybackFinished>().Select(p => p.HeardText));
        Assert.Equal(2, events.OfType<TurnCompleted>().Count(t => t.Outcome == "answered"));
    }

    [Theory]
    [InlineData(EngineKind.LanguageModel, "model")]
    [InlineData(EngineKind.Recognizer, "recognizer")]
    [InlineData(EngineKind.Voice, "synthesizer")]
    public async Task OldEngineFreedFirst_NeitherItNorTheNextCanBeHad_TheTurnSaysWhy(EngineKind kind, string stage)
    {
        var source = new SwitchSource { HasNothing = true };
        await using var talk = Talk(source);
        talk.Room.Speak(Tones.Of(s_second));
        talk.Room.Speak(Tones.Of(s_second), 6 * s_second);
        talk.At(5 * s_second, () => _ = talk.Session.SwapAsync(kind, "too large", freeFirst: true, CancellationToken.None));

        var events = await talk.RunAsync();

        var failed = Assert.Single(events.OfType<TurnFailed>());
        Assert.Equal(stage, failed.Stage);
        Assert.Contains("It needs about 9.0 GB. ", failed.Error, StringComparison.Ordinal);
        Assert.Contains("could not be loaded again either", failed.Error, StringComparison.Ordinal);
        Assert.Equal(["answered", "failed"], events.OfType<TurnCompleted>().Select(t => t.Outcome));
    }

    // The load takes longer than a model has for its first word, and the engine that comes is replaced at once while the turn uses it.
    [Theory]
    [InlineData(EngineKind.LanguageModel)]
    [InlineData(EngineKind.Recognizer)]
    [InlineData(EngineKind.Voice)]
    public async Task OldEngineFreedFirst_ATurnWaitsAsLongAsItTakes_AndKeepsWhatCame(EngineKind kind)
    {
        var load = new TaskCompletionSource();
        var source = new SwitchSource { Gate = load.Task };
        await using var talk = Talk(source);
        using var switcher = new ModelSwitcher(source, talk.Session.Pipeline.Slots, "en", _ => { }, () => null, CancellationToken.None);
        foreach (var gap in new[] { 0, 6, 90 })
            talk.Room.Speak(Tones.Of(s_second), gap * s_second);
        Task? swap = null;
        talk.At(5 * s_second, () => swap = switcher.SwapAsync(kind, "new", freeFirst: true, CancellationToken.None));
        talk.At(60 * s_second, () =>
        {
            var hold = talk.Time.Hold();
            source.Gate = Task.CompletedTask;
            load.SetResult();
            swap!.ContinueWith(_ =>
            {
                hold.Dispose();
                talk.Session.Loop.Wake();
            }, TaskScheduler.Default);
        });
        talk.At(60.5 * s_second, () => _ = talk.Session.SwapAsync(kind, "newer", freeFirst: false, CancellationToken.None));

        var events = await talk.RunAsync();

        Assert.Equal(["answered", "answered", "answered"], events.OfType<TurnCompleted>().Select(t => t.Outcome));
        Assert.DoesNotContain(events, e => e is GenerationRetried or TurnFailed);
        Assert.InRange(events.OfType<PlaybackStarted>().ElementAt(1).Position, (60 * 16_000) - 160, 63 * 16_000);
        var served = kind switch
        {
            EngineKind.LanguageModel => events.OfType<GenerationStarted>().Select(g => g.Model),
            EngineKind.Voice => events.OfType<SynthesisStarted>().Select(s => s.Voice),
            _ => events.OfType<TranscriptCompleted>().Select(t => t.Text),
        };
        Assert.Equal(kind == EngineKind.Recognizer ? ["hello", "new", "newer"] : kind == EngineKind.Voice ? ["tone", "new", "newer"] : ["script", "new", "newer"], served);
        Assert.All(source.Voices, v => Assert.False(v.IsMisused));
        Assert.All(source.Models, m => Assert.False(m.IsMisused));
    }

    [Fact]
    public async Task LoadGivenUpWhenTheOldOneIsGone_TheOldOneIsLoadedAgain()
    {
        var source = new SwitchSource();
        await using var talk = Talk(source);
        using var stop = new CancellationTokenSource();
        talk.Room.Speak(Tones.Of(s_second));
        talk.Room.Speak(Tones.Of(s_second), 6 * s_second);
        talk.At(5 * s_second, () =>
        {
            _ = talk.Session.SwapAsync(EngineKind.Voice, "never", freeFirst: true, stop.Token);
            stop.Cancel();
        });

        var events = await talk.RunAsync();

        Assert.Equal(["tone", "tone again"], events.OfType<SynthesisStarted>().Select(s => s.Voice));
        Assert.DoesNotContain(events, e => e is EngineSwapped or EngineSwapFailed);
    }

    private static SimulatedConversation Talk(SwitchSource source) =>
        new(["hello"], ["One two three four five six."], source: time => source.On(time));
}
