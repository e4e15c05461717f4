using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

public sealed class DashboardStateTests : IDisposable
{
    private static readonly TurnId s_turn = new(1);
    private readonly LiveSignal _signal = new(TimeProvider.System);
    private readonly DashboardState _state;
    private readonly TurnEventBus _bus = new();

    public DashboardStateTests()
    {
        _state = new DashboardState(_signal);
        _state.Follow(_bus);
    }

    public void Dispose()
    {
        _state.Dispose();
        _signal.Dispose();
    }

    [Fact]
    public async Task ATurn_BecomesOneMessageWithItsTextsOutcomeAndTimeline()
    {
        var now = await AfterAsync([SampleConversation.Started(Guid.Empty, DateTimeOffset.UnixEpoch), .. SampleConversation.Turn(1, outcome: "interrupted")]);

        var message = Assert.Single(now.Messages);
        Assert.Equal(("hello", "Good day.", true, "interrupted"), (message.User, message.Reply, message.Interrupted, message.Outcome));
        Assert.Equal(700, now.LastTimeline!.VoiceToVoice.TotalMilliseconds);
        Assert.Equal("The user spoke.", Assert.Single(now.Verdicts).Reason);
        Assert.Equal("room", now.Started!.Device);
        Assert.Equal("stopped", now.EndReason);
        Assert.Equal(0, now.Lost);
    }

    [Theory]
    [InlineData("one two", 0, 0, 3)]
    [InlineData("\"Well, yes.\"", 5, 7, 3)]
    [InlineData("今天 很好。", 0, 0, 1)]
    [InlineData("今天 很好。", 2, 3, 1)]
    [InlineData("one.", 3, null, 0)]
    public void NextWord_IsFoundBehindMarks_AndInChineseIsACharacter(string reply, int from, int? start, int length) =>
        Assert.Equal(start is { } at ? (at, length) : null, DashboardState.NextWord(reply, from));

    [Fact]
    public async Task Reply_ThatBeginsToSound_HasItsFirstWordLit()
    {
        var now = await AfterAsync([new TokenGenerated(s_turn, 1, 0, "one two"), new PlaybackStarted(s_turn, 2)], end: false);
        Assert.Equal(("", (0, 3)), (now.Messages[0].Heard, now.Messages[0].Word));
    }

    [Fact]
    public async Task WordsHeard_MoveTheBorderBetweenHeardAndUnheard_AndAnEndWithoutInterruptionTakesAll()
    {
        var reply = new TokenGenerated(s_turn, 1, 0, "one two three");
        var halfway = await AfterAsync([reply, new WordHeard(s_turn, 2, 4, 3), new WordHeard(s_turn, 3, 0, 3)], end: false);
        // The word that sounds is the one after what was heard to its end.
        Assert.Equal(("one two", " three", (8, 5)), (halfway.Messages[0].Heard, halfway.Messages[0].Unheard, halfway.Messages[0].Word));

        var all = await AfterAsync([new PlaybackFinished(s_turn, 4, false, "one two three")]);
        Assert.Equal(("", null), (all.Messages[0].Unheard, all.Messages[0].Word));
    }

    [Fact]
    public async Task EventThatMakesNoSense_FreezesNoPage()
    {
        var now = await AfterAsync([SampleConversation.Started(Guid.Empty, DateTimeOffset.UnixEpoch), new EngineSwapped(1, "Nonsense", "a", "b", 1, 1), new TranscriptChanged(s_turn, 2, "what")], end: false);
        Assert.Equal("what", now.Partial);
    }

    [Fact]
    public async Task PartialTranscript_IsShownUntilItIsFinal()
    {
        var during = await AfterAsync([new SpeechStarted(s_turn, 1, 0), new TranscriptChanged(s_turn, 2, "what"), new TranscriptChanged(s_turn, 3, "what is")], end: false);
        Assert.Equal("what is", during.Partial);
        Assert.Empty(during.Messages);

        var after = await AfterAsync([new TranscriptCompleted(s_turn, 4, "what is it", "en", null)], end: false);
        Assert.Equal(("", "what is it"), (after.Partial, after.Messages[0].User));
    }

    [Fact]
    public async Task TypedText_IsMarkedAsTyped() =>
        Assert.Equal(("hello", true), (await AfterAsync([new TextTyped(s_turn, 1, "hello")])).Messages.Select(m => (m.User, m.Typed)).Single());

    [Fact]
    public async Task TurnWithoutReply_SaysWhy()
    {
        var now = await AfterAsync([new TurnDropped(s_turn, 1, "no words were heard"), new TurnCompleted(s_turn, 1, "dropped")]);
        Assert.Equal(("no words were heard", "dropped"), (now.Messages[0].DroppedBecause, now.Messages[0].Outcome));
    }

    [Fact]
    public async Task Apology_WithoutTokens_IsShownAfterWhatTheModelWrote()
    {
        var now = await AfterAsync([new TokenGenerated(s_turn, 1, 0, "Once"), new SentenceCompleted(s_turn, 2, 0, 5, "I am sorry."), new TurnInterrupted(s_turn, 3, "text", 3)]);
        Assert.Equal(("Once I am sorry.", true), (now.Messages[0].Reply, now.Messages[0].Interrupted));
    }

    [Fact]
    public async Task FailureOfATurn_StandsInItsMessage_AndOneOfNoTurnAboveThePageOnce()
    {
        var now = await AfterAsync(
        [
            new TurnFailed(s_turn, 1, "model", "it broke", "Start it again."),
            new TurnFailed(TurnId.None, 2, "recorder", "the disk is full", "Free some space."),
            new TurnFailed(TurnId.None, 3, "recorder", "the disk is full", "Free some space."),
            new GenerationRetried(s_turn, 4, 2, "fallback", "timeout"),
        ]);

        Assert.Equal(new LiveProblem("model: it broke", "Start it again."), now.Messages.Single().Failure);
        Assert.Equal(2, now.Degraded.Count);
        Assert.Equal(new LiveProblem("recorder: the disk is full", "Free some space."), now.Degraded[0]);
        Assert.Contains("fallback", now.Degraded[1].What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeviceChange_IsKeptAsTheLast()
    {
        var now = await AfterAsync([new DeviceChanged(1, "Lost", 3, 4, "it is gone"), new DeviceChanged(2, "Running", 3, 5, null)]);
        Assert.Equal(new DeviceChanged(2, "Running", 3, 5, null), now.Device);
    }

    [Fact]
    public async Task EventsThatPagesDoNotShow_ChangeNothing()
    {
        var now = await AfterAsync(
            [new SynthesisStarted(s_turn, 1, 0, "flite"), new GenerationCompleted(s_turn, 1, 3), new HistorySummarized(s_turn, 1, 4, "x"), new TurnCompleted(s_turn, 2, "answered")]);
        Assert.Empty(now.Messages);
        Assert.Null(now.LastTimeline);
    }

    [Fact]
    public async Task LongConversation_KeepsTheNewestOnly()
    {
        var events = new List<TurnEvent>();
        for (var i = 1; i <= 300; i++)
        {
            events.Add(new TextTyped(new TurnId(i), i, $"question {i}"));
            events.Add(new VerdictReached(new TurnId(i), i, "accept", $"reason {i}", new Dictionary<string, double>()));
            events.Add(new TurnFailed(TurnId.None, i, "device", $"failure {i}", ""));
        }

        var now = await AfterAsync(events);

        Assert.Equal((DashboardState.MaxMessages, "question 300"), (now.Messages.Count, now.Messages[^1].User));
        Assert.Equal((50, "reason 300"), (now.Verdicts.Count, now.Verdicts[^1].Reason));
        Assert.Equal((8, "device: failure 300"), (now.Degraded.Count, now.Degraded[^1].What));
    }

    [Fact]
    public async Task EndlessReply_IsCutOnThePage()
    {
        var now = await AfterAsync(Enumerable.Range(0, 100).Select(i => new TokenGenerated(s_turn, i, i, new string('x', 1000))));
        Assert.Equal(50_000, now.Messages[0].Reply.Length);
    }

    [Fact]
    public async Task NextConversation_ForgetsTheOneBefore_AndHearsNoMoreOfIt()
    {
        await AfterAsync([new TextTyped(s_turn, 1, "before")]);
        var next = new TurnEventBus();
        _state.Follow(next);
        _bus.Publish(new TextTyped(s_turn, 2, "too late"));
        next.Publish(new TextTyped(s_turn, 1, "after"));
        next.Publish(new ConversationEnded(2, "stopped"));

        Assert.Equal("after", (await WhenAsync(s => s.EndReason is not null)).Messages.Single().User);
    }

    [Fact]
    public async Task PageThatFallsBehind_LosesTheOldestAndCountsThem()
    {
        var time = new HeldTime();
        using var signal = new LiveSignal(time);
        using var state = new DashboardState(signal);
        var bus = new TurnEventBus();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        signal.Changed += () => told.TrySetResult();
        state.Follow(bus);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        time.Timer.Held = new ManualResetEventSlim();
        bus.Publish(new TextTyped(new TurnId(1), 1, "first"));
        await time.Timer.IsHeld.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        // The one that follows is held; its queue has room for 4,096.
        for (var i = 2; i <= 5001; i++)
            bus.Publish(new TextTyped(new TurnId(i), i, $"question {i}"));
        time.Timer.Held.Set();

        Assert.True(SpinWait.SpinUntil(() => state.Snapshot.Messages[^1].User == "question 5001", TimeSpan.FromSeconds(30)));
        Assert.Equal(5000 - 4096, state.Snapshot.Lost);
    }

    private async Task<LiveSnapshot> AfterAsync(IEnumerable<TurnEvent> events, bool end = true)
    {
        foreach (var e in events)
            _bus.Publish(e);
        // Events are applied in order: once this has arrived, so have they.
        var mark = new DeviceChanged(-1, Guid.NewGuid().ToString(), 0, 0, null);
        if (end)
            _bus.Publish(new ConversationEnded(900_000, "stopped"));
        else
            _bus.Publish(mark);
        return await WhenAsync(s => end ? s.EndReason is not null : s.Device == mark);
    }

    private async Task<LiveSnapshot> WhenAsync(Func<LiveSnapshot, bool> condition)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _signal.Changed += Look;
        Look();
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        _signal.Changed -= Look;
        return _state.Snapshot;

        void Look()
        {
            if (condition(_state.Snapshot))
                changed.TrySetResult();
        }
    }

    /// <summary>Its one timer holds up whoever sets it, while it is told to.</summary>
    private sealed class HeldTime : TimeProvider
    {
        public HeldTimer Timer { get; private set; } = null!;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Timer = new HeldTimer(callback);
    }

    private sealed class HeldTimer(TimerCallback callback) : ITimer
    {
        public ManualResetEventSlim? Held { get; set; }

        public TaskCompletionSource IsHeld { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;
            if (Held is { } held)
            {
                IsHeld.TrySetResult();
                held.Wait();
            }

            // At once, but never on the caller's thread, which holds the signal's lock.
            _ = Task.Run(() => callback(null));
            return true;
        }

        public void Dispose() => Held?.Dispose();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
