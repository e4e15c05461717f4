using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Echo;

/// <summary>Guard and breaker in whole conversations of scripted engines.</summary>
public class EchoConversationTests
{
    private const string Counting = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen.";
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly RoomOptions s_loud = new("loud", 0, -3, TimeSpan.FromMilliseconds(40), double.NegativeInfinity);

    [Fact]
    public async Task Console_hears_its_own_words_twice_It_becomes_half_duplex_says_why_and_comes_back_when_asked()
    {
        var options = new ConversationOptions { MinBargeIn = TimeSpan.FromSeconds(2), Guard = GuardOptions.Off with { Words = true, Breaker = true } };
        await using var talk = new SimulatedConversation(["please count for me", "one two three", "one two three"], [Counting], options, room: s_loud);
        talk.Room.Speak(Tones.Of(s_second), s_second);
        for (var i = 0; i < 3; i++)
            talk.At(TimeSpan.FromSeconds(9 + 9 * i), () => talk.Session.Say("go on"));
        var deaf = false;
        talk.At(TimeSpan.FromSeconds(30), () =>
        {
            deaf = talk.Session.IsHalfDuplex;
            talk.Session.EndHalfDuplex();
        });
        talk.Room.Speak(new float[16_000], TimeSpan.FromSeconds(30));

        var events = await talk.RunAsync();

        Assert.True(deaf);
        Assert.False(talk.Session.IsHalfDuplex);
        Assert.Equal([true, false], events.OfType<HalfDuplexChanged>().Select(e => e.IsOn));
        Assert.Contains("own words", events.OfType<HalfDuplexChanged>().First().Reason, StringComparison.Ordinal);
        Assert.Equal(2, events.OfType<TurnDropped>().Count(e => e.Reason == "the console heard itself"));
        Assert.Equal(2, events.OfType<VerdictReached>().Count(e => e.Verdict == "echo" && e.Evidence["own words"] == 1));
        // Deaf while it speaks: what was said after the breaker was not interrupted by its own echo.
        var opened = events.OfType<HalfDuplexChanged>().First().Position;
        Assert.DoesNotContain(events.OfType<TurnInterrupted>(), e => e.Position > opened && e.By == "speech");
    }

    [Fact]
    public async Task Thump_over_the_reply_It_is_lowered_and_goes_on_from_the_same_sample_and_nothing_of_it_is_lost()
    {
        using var folder = new TempFolder();
        await using var talk = new SimulatedConversation(["hello"], [Counting], folder: folder.Path);
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.Room.Speak(Tones.Thump(), TimeSpan.FromSeconds(2.5));

        var events = await talk.RunAsync();

        Assert.Single(events.OfType<SpeechStarted>());
        Assert.Equal("answered", events.OfType<TurnCompleted>().Single().Outcome);
        Assert.Equal(Counting, events.OfType<PlaybackFinished>().Single().HeardText);
        var lowered = events.OfType<PlaybackLowered>().Single().Position;
        var restored = events.OfType<PlaybackRestored>().Single().Position;
        Assert.InRange(restored - lowered, 16_000 / 10, 16_000);
        Assert.Equal("duck", events.OfType<VerdictReached>().First().Verdict);
        var loopback = WavReader.ReadAll(Path.Combine(folder.Path, TrackRecorder.Loopback), 16_000);
        Assert.All(loopback[(int)(lowered + 400)..(int)restored], s => Assert.InRange(s, -0.05f, 0.05f));
        var words = events.OfType<WordHeard>().ToArray();
        Assert.Equal(16, words.Length);
        Assert.Equal(words.Select(w => w.TextStart).Order(), words.Select(w => w.TextStart));
    }
}
