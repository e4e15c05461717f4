using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Models;

public sealed class ModelSwitcherTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task VoiceSwappedInMidReply_TheReplyEndsInTheOldVoice_AndTheNextBeginsInTheNew()
    {
        var source = new Source();
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
        var source = new Source();
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
        var source = new Source();
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
    [InlineData("other model", "other model", null)]
    [InlineData("too large", null, "It needs about 9.0 GB.")]
    public async Task OldModelFreedFirst_TurnsAreAnsweredByWhatComes(string id, string? swapped, string? error)
    {
        var source = new Source();
        await using var talk = Talk(source);
        talk.Room.Speak(Tones.Of(s_second));
        talk.Room.Speak(Tones.Of(s_second), 6 * s_second);
        talk.At(5 * s_second, () => _ = talk.Session.SwapAsync(EngineKind.LanguageModel, id, freeFirst: true, CancellationToken.None));

        var events = await talk.RunAsync();

        Assert.Equal(swapped, events.OfType<EngineSwapped>().SingleOrDefault()?.To);
        Assert.Equal(error, events.OfType<EngineSwapFailed>().SingleOrDefault()?.Error);
        // The old one comes back by its name, which this source answers with the same words.
        Assert.Equal("Another answer.", events.OfType<PlaybackFinished>().Last().HeardText);
        Assert.Equal(2, events.OfType<TurnCompleted>().Count(t => t.Outcome == "answered"));
    }

    [Fact]
    public async Task ConversationEndsWhileAnEngineLoads_TheLoadIsGivenUp()
    {
        var source = new Source();
        await using var talk = Talk(source);
        talk.Room.Speak(Tones.Of(s_second));
        Task? swap = null;
        talk.At(0.5 * s_second, () =>
        {
            swap = talk.Session.SwapAsync(EngineKind.Voice, "never", freeFirst: false, CancellationToken.None);
            _ = talk.Session.StopAsync();
        });

        var events = await talk.RunAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => swap!);
        Assert.DoesNotContain(events, e => e is EngineSwapped or EngineSwapFailed);
        Assert.IsType<ConversationEnded>(events[^1]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => talk.Session.SwapAsync(EngineKind.Voice, "new", freeFirst: false, CancellationToken.None));
    }

    [Fact]
    public async Task HundredSwapsUnderLoad_NoTurnIsLost_AndEveryReplacedEngineIsFreedOnce()
    {
        const int Turns = 30, Swaps = 100;
        var source = new Source();
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

    private static SimulatedConversation Talk(Source source) =>
        new(["hello"], ["One two three four five six."], source: time => source.On(time));

    private sealed class Source : IEngineSource
    {
        private VirtualTime? _time;

        public List<ToneVoice> Voices { get; } = [];

        public List<BrokenVoice> Broken { get; } = [];

        public Source On(VirtualTime time)
        {
            _time = time;
            return this;
        }

        public Task<ISpeechRecognizer> RecognizerAsync(string? id, CancellationToken cancellationToken) =>
            Task.FromResult<ISpeechRecognizer>(new ScriptedRecognizer("try out", "other words"));

        public Task<LanguageEngine> LanguageAsync(string? id, CancellationToken cancellationToken) => id == "too large"
            ? Task.FromException<LanguageEngine>(new ModelUnavailableException("It needs about 9.0 GB.", "Take a smaller one."))
            : Task.FromResult(new LanguageEngine(new ScriptedModel(_time!, "Another answer.") { IsInstant = true }, id ?? "script", null, null, new ConversationOptions(), _time!));

        public LanguageEngine Language(IChatClient model, string name) => new(model, name, null, null, new ConversationOptions(), _time!);

        public async Task<ISpeechSynthesizer> VoiceAsync(string? id, CancellationToken cancellationToken)
        {
            switch (id)
            {
                case "missing":
                    throw new ModelUnavailableException("There is no such voice.", "Take another.");
                case "never":
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    break;
                case "not numbers" or "dumb":
                    Broken.Add(new BrokenVoice(id, id == "dumb" ? 0 : float.NaN));
                    return Broken[^1];
            }

            // The conversation's time stands still while it is tried out.
            Voices.Add(new ToneVoice(_time!, id!, delayMs: 0));
            return Voices[^1];
        }
    }

    private sealed class BrokenVoice(string id, float sample) : ISpeechSynthesizer
    {
        public string Id => id;

        public bool IsFreed { get; private set; }

        public IReadOnlyList<string> Languages => [];

        public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            yield return new SpeechAudio(new[] { sample, sample }, 16_000, []);
        }

        public ValueTask DisposeAsync()
        {
            IsFreed = true;
            return ValueTask.CompletedTask;
        }
    }
}
