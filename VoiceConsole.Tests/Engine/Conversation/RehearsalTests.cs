using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Tests.Engine.Conversation;

public class RehearsalTests
{
    /// <summary>Only turns that were really held have been compiled.</summary>
    [Fact]
    public async Task EveryTurn_IsHeldToItsEnd_AndTheHistoryIsSummarisedOnTheWay() => Assert.Equal((Rehearsal.Turns, 1), await Rehearsal.HoldAsync());
}
