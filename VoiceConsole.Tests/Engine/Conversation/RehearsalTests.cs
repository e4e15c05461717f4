using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Tests.Engine.Conversation;

public class RehearsalTests
{
    /// <summary>Only turns that were really held have been compiled.</summary>
    [Fact]
    public async Task Both_turns_are_held_to_their_end() => Assert.Equal(2, await Rehearsal.HoldAsync());
}
