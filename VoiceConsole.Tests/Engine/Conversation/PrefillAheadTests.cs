using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Conversation;

public sealed class PrefillAheadTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task UserSpeaks_ModelHasReadTheSamePromptBeforeTheReply()
    {
        await using var talk = new SimulatedConversation(["what now", "and then"], ["Good morning to you."], partials: true);
        talk.Room.Speak(Tones.Of(s_second));
        talk.Room.Speak(Tones.Of(s_second), 6 * s_second);

        await talk.RunAsync();

        Assert.Equal(["what", "what now", "and", "and then"], talk.Model.Prefills.Select(p => p[^1].Text));
        Assert.Equal(Texts(talk.Model.Prompts[0]), Texts(talk.Model.Prefills[1]));
        Assert.Equal(Texts(talk.Model.Prompts[1]), Texts(talk.Model.Prefills[3]));
    }

    [Fact]
    public async Task ModelReadsSlowly_TheReplyDoesNotWaitAndReadsOnce()
    {
        await using var talk = new SimulatedConversation(["what now"], ["Good morning to you."], partials: true, prefill: 60 * s_second);
        talk.Room.Speak(Tones.Of(s_second));

        var events = await talk.RunAsync();

        Assert.Equal(["what"], talk.Model.Prefills.Select(p => p[^1].Text));
        Assert.Equal("answered", events.OfType<TurnCompleted>().Single().Outcome);
    }

    [Fact]
    public async Task UserBargesIn_NothingIsReadBeforeItIsKnownWhatWasHeard()
    {
        await using var talk = new SimulatedConversation(
            ["hello", "what now"], ["One two three four five six seven eight nine ten eleven twelve."], partials: true);
        talk.Room.Speak(Tones.Of(s_second));
        talk.Room.Speak(Tones.Of(s_second), 2 * s_second);

        var events = await talk.RunAsync();

        var heard = events.OfType<PlaybackFinished>().First(p => p.Interrupted).HeardText;
        Assert.NotEmpty(heard);
        Assert.All(talk.Model.Prefills.Where(p => p.Count > 2), p => Assert.StartsWith(heard, p[2].Text, StringComparison.Ordinal));
        Assert.Equal(Texts(talk.Model.Prompts[1]), Texts(talk.Model.Prefills[^1]));
    }

    [Fact]
    public async Task SwitchedOff_NothingIsReadAhead()
    {
        await using var talk = new SimulatedConversation(
            ["what now"], ["Good morning to you."], new ConversationOptions { PrefillWhileSpeaking = false }, partials: true);
        talk.Room.Speak(Tones.Of(s_second));

        await talk.RunAsync();

        Assert.Empty(talk.Model.Prefills);
        Assert.Single(talk.Model.Prompts);
    }

    private static IEnumerable<string> Texts(IEnumerable<ChatMessage> messages) => messages.Select(m => m.Text);
}
