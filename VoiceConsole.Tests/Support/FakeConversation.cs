using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Tests.Support;

/// <summary>A conversation that does nothing of itself: the test publishes its events and reads what it was asked.</summary>
internal sealed class FakeConversation : IConversation, IRoomUser
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid Id { get; } = Guid.NewGuid();

    public TurnEventBus Events { get; } = new();

    public ConversationState State { get; set; } = ConversationState.Listening;

    public string? Recording => null;

    public MeterReading Meters { get; set; } = new(-24, -18, -52, 0.2f, 0);

    public bool Muted { get; set; }

    public bool IsHalfDuplex { get; set; }

    public void EndHalfDuplex() => IsHalfDuplex = false;

    public EchoReading? Echo { get; set; }

    public Task<EchoReading?> ReadEchoAsync() => Task.FromResult(Echo);

    public IRoomUser? RoomUser => this;

    public string Voice => "flite-rms";

    public Task Completion => _completion.Task;

    public TaskCompletionSource<string> Said { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Interrupted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Start() => Events.Publish(new ConversationStarted(
        Id, DateTimeOffset.UnixEpoch, 16_000, "room", "pocketsphinx-en-us", "stories260K", "flite-slt", "webrtc"));

    public void Say(string text) => Said.TrySetResult(text);

    public void Interrupt() => Interrupted.TrySetResult();

    /// <summary>What was to be swapped, and how it goes.</summary>
    public List<(EngineKind Kind, string? Id)> Swaps { get; } = [];

    public Task Swap { get; set; } = Task.CompletedTask;

    public Task SwapAsync(EngineKind kind, string? id, bool freeFirst, CancellationToken cancellationToken)
    {
        Swaps.Add((kind, id));
        return Swap.WaitAsync(cancellationToken);
    }

    public Task SpeakAsync(string text, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync()
    {
        _completion.TrySetResult();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Two turns with sound: one answered and one cut off after two words.</summary>
    public void PlayTwoTurns(string user, string reply)
    {
        Turn(new TurnId(1), 16_000, user, reply);
        foreach (var (start, length) in new[] { (0, 3), (4, 7) })
            Events.Publish(new WordHeard(new TurnId(1), 60_000, start, length));
        Events.Publish(new TurnInterrupted(new TurnId(1), 61_000, "speech", 61_000));
        Events.Publish(new TurnCompleted(new TurnId(1), 61_000, "interrupted"));
        Turn(new TurnId(2), 80_000, "and a second question", "A second answer.");
        Events.Publish(new PlaybackFinished(new TurnId(2), 120_000, false, "A second answer."));
        Events.Publish(new TurnCompleted(new TurnId(2), 120_000, "answered"));
    }

    private void Turn(TurnId turn, long at, string user, string reply)
    {
        Events.Publish(new SpeechStarted(turn, at, at));
        Events.Publish(new SpeechEnded(turn, at + 11_200, at));
        Events.Publish(new TranscriptCompleted(turn, at + 12_000, user, "en", null));
        Events.Publish(new TokenGenerated(turn, at + 16_000, 0, reply));
        Events.Publish(new SentenceCompleted(turn, at + 17_600, 0, 0, reply));
        Events.Publish(new SpeechSynthesized(turn, at + 19_200, 0, 0, 16_000));
        Events.Publish(new PlaybackStarted(turn, at + 19_520));
    }
}

/// <summary>Hands out conversations of the test's making.</summary>
internal sealed class FakeConversationFactory(Func<IConversation> create) : IConversationFactory
{
    public Task<IConversation> CreateAsync(ConversationRequest request, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        progress?.Report("Fetching flite, 3 of 12 MB");
        return Task.FromResult(create());
    }
}
