using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Conversation;

public class FrameAllocationTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task ConversationOfListeningSpeakingAndBeingLowered_AllocatesNothingForAFrameInWhichNothingIsTold()
    {
        using var folder = new TempFolder();
        await using var talk = new SimulatedConversation(["hello"], ["Yes.", string.Join(' ', Enumerable.Repeat("word", 60)) + "."], folder: folder.Path);
        // The first turn makes what is made once.
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.Room.Speak(Tones.Of(s_second), 6 * s_second);
        talk.Room.Speak(Tones.Thump(), TimeSpan.FromSeconds(2.5));
        using var told = talk.Session.Events.SubscribeLossless();
        var frames = new List<(ConversationState State, long Bytes)>(1 << 16);
        var isLow = false;
        talk.At(5 * s_second, () =>
        {
            var pump = talk.Session.Loop.OnWake!;
            talk.Session.Loop.OnWake = () =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                pump();
                var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                if (!told.Reader.TryPeek(out _))
                    frames.Add((isLow ? (ConversationState)(-1) : talk.Session.State, bytes));
                while (told.Reader.TryRead(out var turnEvent))
                    isLow = turnEvent is PlaybackLowered || (isLow && turnEvent is not PlaybackRestored);
            };
        });

        await talk.RunAsync();

        var counted = frames.GroupBy(f => f.State).ToDictionary(g => g.Key, g => (Frames: g.Count(), Allocating: g.Count(f => f.Bytes > 0)));
        TestContext.Current.SendDiagnosticMessage(string.Join(", ", counted));
        Assert.All([ConversationState.Listening, ConversationState.UserSpeaking, ConversationState.Thinking, ConversationState.Speaking, (ConversationState)(-1)], state =>
        {
            Assert.True(counted[state].Frames > 15, $"{state}: {counted[state].Frames} frames");
            // The runtime itself takes some once in a while, for a table of its own.
            Assert.InRange(counted[state].Allocating, 0, 1);
        });
    }
}
