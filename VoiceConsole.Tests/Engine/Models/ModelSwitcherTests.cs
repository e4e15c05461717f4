using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Models;

public sealed class ModelSwitcherTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task VoiceSwappedInMidReply_TheReplyEndsInTheOldVoice_AndTheNextBeginsInTheNew()
    {
        var source = new SwitchSource();
        await using var talk = Talk(source);
        talk.Room.Speak(Tones.Of(s_second));
        talk.Room.Speak(Tones.Of(s_second), 6 * s_second);
        talk.At(3 * s_second, () => _ = talk.Session.SwapAsync(EngineKind.Voice, "new", freeFirst: false, CancellationToken.None));

        var events = await talk.RunAsync();

        var swapped = Assert.Single(events.OfType<EngineSwapped>());
        Assert.Equal(("Voice", "tone", "new"), (swapped.Kind, swapped.From, swapped.To));
        var first = events.OfType<PlaybackFinished>().First();
        Assert.InRange(swapped.Position, events.OfType<PlaybackStarted>().First().Position, first.Position);
        Assert.Equal((false, "One two three four five six."), (first.Interrupted, first.HeardText));
        Assert.Equal(["tone", "new"], events.OfType<SynthesisStarted>().Select(s => s.Voice));
        Assert.Equal(2, events.OfType<TurnCompleted>().Count(t => t.Outcome == "answered"));
        Assert.All(source.Voices, v => Assert.False(v.IsMisused));
    }

    [Fact]
    public async Task ModelAndRecogniserSwappedWhileTheUserSpeaks_ServeFromTheNextTurnOn()
    {
        var source = new SwitchSource();
        await using var talk = Talk(source);
        talk.Room.Speak(Tones.Of(s_second));
        talk.Room.Speak(Tones.Of(s_second), 6 * s_second);
        talk.At(0.5 * s_second, () =>
        {
            _ = talk.Session.SwapAsync(EngineKind.LanguageModel, "other model", freeFirst: false, CancellationToken.None);
            _ = talk.Session.SwapAsync(EngineKind.Recognizer, "other ears", freeFirst: false, CancellationToken.None);
        });

        var events = await talk.RunAsync();

        Assert.Equal(2, events.OfType<EngineSwapped>().Count());
        Assert.Equal(["script", "other model"], events.OfType<GenerationStarted>().Select(g => g.Model));
        Assert.Equal(["hello", "other words"], events.OfType<TranscriptCompleted>().Select(t => t.Text));
        Assert.Equal("Another answer.", events.OfType<PlaybackFinished>().Last().HeardText);
    }

    [Theory]
    [InlineData("missing", "There is no such voice.", "Take another.")]
    [InlineData("not numbers", "not numbers makes samples that are no numbers.", "The old one serves on: choose another.")]
    [InlineData("dumb", "dumb made no sound when it was tried out.", "The old one serves on: choose another.")]
    public async Task VoiceThatCannotBeUsed_IsNamed_AndTheOldOneServesOn(string id, string error, string remedy)
    {
        var source = new SwitchSource();
        await using var talk = Talk(source);
        talk.Room.Speak(Tones.Of(s_second));
        Task? swap = null;
        talk.At(0.5 * s_second, () => swap = talk.Session.SwapAsync(EngineKind.Voice, id, freeFirst: false, CancellationToken.None));

        var events = await talk.RunAsync();

        var failed = Assert.Single(events.OfType<EngineSwapFailed>());
        Assert.Equal((id, error, remedy), (failed.To, failed.Error, failed.Remedy));
        Assert.Equal(error, (await Assert.ThrowsAsync<ModelUnavailableException>(() => swap!)).Message);
        Assert.Equal("tone", Assert.Single(events.OfType<SynthesisStarted>()).Voice);
        Assert.Equal("answered", Assert.Single(events.OfType<TurnCompleted>()).Outcome);
        Assert.Equal(id == "missing" ? 0 : 1, source.Broken.Count(v => v.IsFreed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RecogniserIsMadeToReadBeforeItServes_AndRefusedWhereItCannot(bool isBroken)
    {
        var source = new SwitchSource { Ears = new ReadingEars(isBroken) };
        await using var talk = Talk(source);
        talk.Room.Speak(Tones.Of(s_second));
        talk.Room.Speak(Tones.Of(s_second), 6 * s_second);
        talk.At(5 * s_second, () => _ = talk.Session.SwapAsync(EngineKind.Recognizer, "reads", freeFirst: false, CancellationToken.None));
        var readings = 0;
        talk.At(6 * s_second, () => readings = source.Ears.Readings);

        var events = await talk.RunAsync();

        Assert.Equal(1, readings);
        Assert.Equal(isBroken ? "The weights make no sense." : null, events.OfType<EngineSwapFailed>().SingleOrDefault()?.Error);
        Assert.Equal(["hello", isBroken ? "hello" : "read"], events.OfType<TranscriptCompleted>().Select(t => t.Text));
    }

    [Fact]
    public async Task VoiceOfAnotherLanguage_IsTriedOutInItsOwn()
    {
        var source = new SwitchSource();
        await using var talk = Talk(source);
        talk.Room.Speak(Tones.Of(s_second));
        talk.At(0.5 * s_second, () => _ = talk.Session.SwapAsync(EngineKind.Voice, "dumb in Chinese", freeFirst: false, CancellationToken.None));

        var events = await talk.RunAsync();

        Assert.Equal("dumb made no sound when it was tried out.", Assert.Single(events.OfType<EngineSwapFailed>()).Error);
        Assert.Equal(["你好。"], source.Broken.Single().Said);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ConversationEndsWhileAnEngineLoads_TheLoadIsGivenUp(bool freeFirst)
    {
        var source = new SwitchSource();
        await using var talk = Talk(source);
        talk.Room.Speak(Tones.Of(s_second));
        Task? swap = null;
        talk.At(5 * s_second, () =>
        {
            swap = talk.Session.SwapAsync(EngineKind.Voice, "never", freeFirst, CancellationToken.None);
            _ = talk.Session.StopAsync();
        });
        // Else the room would be empty by then.
        talk.Room.Speak(Tones.Of(s_second), 8 * s_second);

        var events = await talk.RunAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => swap!);
        Assert.DoesNotContain(events, e => e is EngineSwapped or EngineSwapFailed);
        Assert.IsType<ConversationEnded>(events[^1]);
        Assert.Empty(source.Voices);
        await Assert.ThrowsAsync<InvalidOperationException>(() => talk.Session.SwapAsync(EngineKind.Voice, "new", freeFirst: false, CancellationToken.None));
    }

    [Fact]
    public async Task HundredSwapsUnderLoad_NoTurnIsLost_AndEveryReplacedEngineIsFreedOnce()
    {
        const int Turns = 30, Swaps = 100;
        var source = new SwitchSource();
        await using var talk = Talk(source);
        for (var turn = 0; turn < Turns; turn++)
            talk.Room.Speak(Tones.Of(s_second), 6 * s_second);
        for (var swap = 0; swap < Swaps; swap++)
        {
            var id = $"voice {swap}";
            talk.At((1 + swap * 1.9) * s_second, () => _ = talk.Session.SwapAsync(EngineKind.Voice, id, freeFirst: false, CancellationToken.None));
        }

        var events = await talk.RunAsync();

        Assert.Equal(Swaps, events.OfType<EngineSwapped>().Count());
        Assert.Equal(Turns, events.OfType<TurnCompleted>().Count(t => t.Outcome == "answered"));
        // All of a turn's sentences are in one voice.
        Assert.All(events.OfType<SynthesisStarted>().GroupBy(s => s.Turn), t => Assert.Single(t.Select(s => s.Voice).Distinct()));
        Assert.True(events.OfType<SynthesisStarted>().Select(s => s.Voice).Distinct().Count() > Turns / 2);
        // The last one is freed with the conversation.
        Assert.All(source.Voices, v => Assert.Equal((true, false), (v.IsFreed, v.IsMisused)));
    }

    private static SimulatedConversation Talk(SwitchSource source) =>
        new(["hello"], ["One two three four five six."], source: time => source.On(time));
}
