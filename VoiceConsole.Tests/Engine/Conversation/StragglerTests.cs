using System.Runtime.CompilerServices;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Conversation;

/// <summary>Engines that are still at work when the conversation has ended: they come to their end, and are freed after it.</summary>
public class StragglerTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task RecognizerAtWorkWhenTheConversationEnds_LeavesInItsOwnTime_AndIsFreedThen()
    {
        var recognizer = new SlowToLeave();
        await using var talk = new SimulatedConversation(["hello"], ["Good morning."], recognizer: recognizer);
        using var events = talk.Session.Events.SubscribeLossless();
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.At(1.5 * s_second, () => _ = talk.Session.StopAsync());

        talk.Session.Start();
        await foreach (var turnEvent in events.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (turnEvent is ConversationEnded)
                break;
        }

        Assert.False(talk.Session.Completion.IsCompleted);
        Assert.False(recognizer.IsFreed);
        recognizer.Decoded.SetResult();
        await talk.Session.Completion.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(recognizer.IsFreed);
        Assert.True(recognizer.HadLeft);
    }

    [Fact]
    public async Task WhatIsPostedToALoopThatHasRetired_RunsInOrder_OneAtATime()
    {
        using var loop = new EventLoop(new VirtualTime());
        loop.Run(() => Task.CompletedTask);
        var ran = new List<int>();
        int inside = 0, most = 0;
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        loop.Post(_ => Note(0), null);
        loop.Retire();
        for (var i = 1; i <= 1_000; i++)
        {
            var number = i;
            loop.Post(_ => Note(number), null);
        }

        loop.Post(_ => last.SetResult(), null);
        await last.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 1_001), ran);
        Assert.Equal(1, most);

        void Note(int number)
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            Assert.Same(loop, SynchronizationContext.Current);
            ran.Add(number);
            Interlocked.Decrement(ref inside);
        }
    }

    // As one that decodes on the pool: cancelled, it first ends what it is at, and comes back to the loop for the rest.
    private sealed class SlowToLeave : ISpeechRecognizer
    {
        private readonly OneAtATime _one = new();

        public TaskCompletionSource Decoded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool HadLeft { get; private set; }

        public bool IsFreed { get; private set; }

        public string Id => "slow";

        public IReadOnlyList<string> Languages => ["en"];

        public async IAsyncEnumerable<Transcript> RecognizeAsync(ISpeechSource speech, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await _one.EnterAsync(cancellationToken);
            try
            {
                await Decoded.Task;
                cancellationToken.ThrowIfCancellationRequested();
                yield return new Transcript("too late", true, "en");
            }
            finally
            {
                HadLeft = true;
                _one.Leave();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _one.EnterAsync(CancellationToken.None);
            IsFreed = true;
            _one.Dispose();
        }
    }
}
