using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Rerun;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>A stored room conversation, every engine real, held once more.</summary>
public sealed class RerunTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StoredConversation_HeldOnceMore_IsTheSame_AndDiffersWhereTheConfigurationDoes()
    {
        var paths = new ConsolePaths(_folder / "data", ConsolePaths.Find().Models);
        var (tracks, events) = await RoomRecording.HoldAsync(paths, ("What can you do?", 2.6), ("Please stop now.", 5), ("Thank you very much.", 1));
        var stored = Stored(events);
        var asHeld = RerunConfiguration.Of(stored, LocalModel.Find(paths.Models, EngineLoader.ContextTokens), [], new ConversationRequest());
        using var runner = new RerunRunner(Parts.Store, paths);

        var same = await RunAsync(asHeld);
        Assert.Equal(3, same.Count);
        Assert.All(same, p => Assert.Equal(TurnDifference.None, p.Differences));
        Assert.Contains(same, p => p.Before!.Outcome == "interrupted");
        Assert.All(same, p => Assert.NotEmpty(p.After!.Words));

        var hasty = await RunAsync(asHeld with { Options = asHeld.Options with { HangOver = TimeSpan.FromMilliseconds(400) } });
        Assert.All(hasty, p => Assert.True(p.Differences.HasFlag(TurnDifference.EndOfTurn), p.ToString()));
        Assert.All(hasty, p => Assert.Equal(0.3, (p.Before!.Decided - p.Before.To - p.After!.Decided + p.After.To)!.Value, 0.02));

        // Deaf while it speaks: of the interruption only what came after the reply is heard.
        var deaf = await RunAsync(asHeld with { Canceller = "none", Options = asHeld.Options with { Guard = GuardOptions.Off with { HalfDuplex = true } } });
        var interruption = deaf.First(p => p.Before!.Turn.Value == 2);
        Assert.True(interruption.Differences.HasFlag(TurnDifference.Speech | TurnDifference.Transcript), interruption.ToString());
        Assert.InRange(interruption.After!.From - interruption.Before!.From, 0.1, 1);

        async Task<IReadOnlyList<TurnPair>> RunAsync(RerunConfiguration configuration) => TurnComparison.Of(
            TurnFacts.Of(stored), TurnFacts.Of(await runner.RunAsync(stored, tracks, configuration, new Progress<double>(), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task WhatTheUserTypedAndMuted_IsDoneAgainAtItsMoment()
    {
        var paths = new ConsolePaths(_folder / "data", ConsolePaths.Find().Models);
        var (tracks, events) = await RoomRecording.HoldAsync(paths, session =>
        {
            At(0.1, () => session.Muted = true);
            At(3, () => session.Muted = false);
            At(3.5, () => session.Say("what can you do"));
            At(4.5, session.Interrupt);

            void At(double seconds, Action act) => session.Loop.Time.CreateTimer(_ => act(), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
        }, ("What is the time?", 5), ("Thank you very much.", 1));
        Assert.Equal([true, false], events.OfType<MicrophoneMuted>().Select(e => e.IsMuted));
        var stored = Stored(events);
        using var runner = new RerunRunner(Parts.Store, paths);
        var again = await runner.RunAsync(stored, tracks, RerunConfiguration.Of(stored, [], [], new ConversationRequest()), new Progress<double>(), TestContext.Current.CancellationToken);

        var pairs = TurnComparison.Of(TurnFacts.Of(stored), TurnFacts.Of(again));
        Assert.Equal([("what can you do", "interrupted"), ("send you very much", "answered")], pairs.Select(p => (p.After!.Words, p.After.Outcome)));
        Assert.All(pairs, p => Assert.Equal(TurnDifference.None, p.Differences));
    }

    [Fact]
    public async Task Rerun_Cancelled_EndsAndLetsTheNextOneRun()
    {
        var paths = new ConsolePaths(_folder / "data", ConsolePaths.Find().Models);
        var (tracks, events) = await RoomRecording.HoldAsync(paths, ("What is the time?", 1));
        var stored = Stored(events);
        var asHeld = RerunConfiguration.Of(stored, [], [], new ConversationRequest());
        using var runner = new RerunRunner(Parts.Store, paths);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(stored, tracks, asHeld, new CancelAtOnce(cancel), cancel.Token));
        await Assert.ThrowsAsync<ArgumentException>(() => runner.RunAsync(stored, tracks, asHeld with { Canceller = "magic" }, new Progress<double>(), CancellationToken.None));

        // And with another model, which has other things to say.
        var stories = TinyLlama.Require(_folder);
        var again = await runner.RunAsync(stored, tracks, asHeld with { Model = stories }, new Progress<double>(), TestContext.Current.CancellationToken);
        var turn = Assert.Single(TurnFacts.Of(again));
        Assert.NotEqual(Assert.Single(TurnFacts.Of(stored)).Reply, turn.Reply);
        Assert.NotEmpty(turn.Reply);
        Assert.Equal("stories260K", Path.GetFileNameWithoutExtension(again.Events.OfType<ConversationStarted>().Single().Model));
    }

    private static StoredConversation Stored(IReadOnlyList<TurnEvent> events)
    {
        var started = events.OfType<ConversationStarted>().Single();
        var row = new ConversationRow
        {
            SampleRate = started.SampleRate,
            Canceller = started.Canceller,
            Recognizer = started.Recognizer,
            Model = started.Model,
            Voice = started.Voice,
            EndPosition = events[^1].Position,
        };
        return new StoredConversation(row, [], [.. events.Where(e => !StoredConversation.SmallSteps.Contains(e.GetType().Name))]);
    }

    private sealed class CancelAtOnce(CancellationTokenSource cancel) : IProgress<double>
    {
        public void Report(double value) => cancel.Cancel();
    }
}
