using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench.Pages;

/// <summary>A conversation of nothing but events, which the benchmark publishes.</summary>
internal sealed class BenchConversation(TimeProvider time) : IConversation, IConversationFactory
{
    private const string Reply = "It is a quarter past nine, and the sun is about to rise over the quiet hills behind the old town.";

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _turn, _position, _reading;

    public Guid Id { get; } = Guid.NewGuid();

    public TurnEventBus Events { get; } = new();

    public ConversationState State => ConversationState.Listening;

    public string? Recording => null;

    /// <summary>Another one whenever it is read: meters move all the time.</summary>
    public MeterReading Meters => new(-30 - Interlocked.Increment(ref _reading) % 20, -40, -50, 0.1f, _position);

    public bool Muted { get; set; }

    public bool IsHalfDuplex => false;

    public IRoomUser? RoomUser => null;

    public Task Completion => _done.Task;

    public Task<IConversation> CreateAsync(ConversationRequest request, IProgress<string>? progress, CancellationToken cancellationToken) => Task.FromResult<IConversation>(this);

    public void Start() => Events.Publish(new ConversationStarted(Id, time.GetUtcNow(), 16_000, "bench", "pocketsphinx-en-us", "bench", "flite-slt", "webrtc"));

    /// <summary>A piece of a reply that pages show.</summary>
    public void Say(string text) => Events.Publish(new TokenGenerated(new TurnId(Math.Max(1, _turn)), ++_position, 1, text));

    /// <summary>A turn as conversations have them, and how many events that were.</summary>
    public int PublishTurn()
    {
        var turn = new TurnId(++_turn);
        var published = 0;
        Publish(new SpeechStarted(turn, Next(3200), _position - 1600));
        foreach (var partial in (string[])["what", "what is", "what is the", "what is the time"])
            Publish(new TranscriptChanged(turn, Next(1600), partial));
        Publish(new SpeechEnded(turn, Next(11_200), _position - 11_200));
        Publish(new TranscriptCompleted(turn, Next(800), "what is the time", "en", 0.8f));
        Publish(new GenerationStarted(turn, Next(10), "bench"));
        var words = Reply.Split(' ');
        foreach (var (index, word) in words.Index())
            Publish(new TokenGenerated(turn, Next(320), index, word + " "));
        Publish(new SentenceCompleted(turn, Next(10), 0, 0, Reply));
        Publish(new SpeechSynthesized(turn, Next(800), 0, 0, 80_000));
        Publish(new PlaybackStarted(turn, Next(160), _position - 80));
        var start = 0;
        foreach (var word in words)
        {
            Publish(new WordHeard(turn, Next(3200), start, word.Length));
            start += word.Length + 1;
        }

        Publish(new VerdictReached(turn, _position, "noise", "A sound in the room, but no speech.", new Dictionary<string, double> { ["clear bands"] = 6, ["ms"] = 240 }));
        Publish(new GenerationCompleted(turn, Next(10), words.Length));
        Publish(new PlaybackFinished(turn, Next(10), false, Reply));
        Publish(new EchoPathMeasured(turn, _position, 64, 18, 20, 30, 0.9, 1));
        Publish(new TurnCompleted(turn, Next(10), "answered"));
        return published;

        void Publish(TurnEvent turnEvent)
        {
            published++;
            Events.Publish(turnEvent);
        }
    }

    public Task<EchoReading?> ReadEchoAsync() => Task.FromResult<EchoReading?>(new(64, 18, 20, 30, -6, 1, true, false, false));

    public void EndHalfDuplex()
    {
        // It is never half-duplex.
    }

    public void Interrupt()
    {
        // There is no reply to stop.
    }

    public Task SwapAsync(EngineKind kind, string? id, bool freeFirst, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("The engines of this conversation cannot be changed.");

    public Task StopAsync()
    {
        if (_done.TrySetResult())
            Events.Publish(new ConversationEnded(_position, "stopped"));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private long Next(int samples) => _position += samples;
}
