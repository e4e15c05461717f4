using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Tests.Engine.Language;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Conversation;

public class ConversationTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task UserSpeaks_ConsoleAnswers_AndStagesAddUpToWhatTheTracksShow()
    {
        using var folder = new TempFolder();
        await using var talk = new SimulatedConversation(["hello there"], ["Good morning to you. It is a fine day."], folder: folder.Path);
        talk.Room.Speak(Tones.Of(s_second), s_second);

        var events = await talk.RunAsync();

        var timeline = TurnTimeline.From(events, new TurnId(1), 16_000)!;
        Assert.Equal("answered", events.OfType<TurnCompleted>().Single().Outcome);
        Assert.Equal("Good morning to you. It is a fine day.", events.OfType<PlaybackFinished>().Single().HeardText);
        Assert.Equal(timeline.VoiceToVoice, TimeSpan.FromTicks(timeline.Stages.Sum(s => s.Duration.Ticks)));
        var microphone = WavReader.ReadAll(Path.Combine(folder.Path, TrackRecorder.Microphone), 16_000);
        var loopback = WavReader.ReadAll(Path.Combine(folder.Path, TrackRecorder.Loopback), 16_000);
        var lastSpeech = Array.FindLastIndex(microphone, s => Math.Abs(s) > 0.01f) + 1;
        var firstAudible = Array.FindIndex(loopback, s => Math.Abs(s) > 0.001f);
        Assert.InRange(timeline.Start, lastSpeech - 160, lastSpeech + 160);
        Assert.InRange(timeline.End, firstAudible - 160, firstAudible + 160);
    }

    [Fact]
    public async Task Microphone_Muted_HearsNothing_AndSaysWhen()
    {
        await using var talk = new SimulatedConversation(["hello there"], ["Good morning."]);
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.Room.Speak(Tones.Of(s_second), 4 * s_second);
        talk.At(0.5 * s_second, () => talk.Session.Muted = true);
        talk.At(4 * s_second, () => talk.Session.Muted = false);

        var events = await talk.RunAsync();

        Assert.Equal([(8000, true), (64_000, false)], events.OfType<MicrophoneMuted>().Select(e => (e.Position, e.IsMuted)), (a, b) => Math.Abs(a.Item1 - b.Item1) <= 160 && a.Item2 == b.Item2);
        Assert.InRange(Assert.Single(events.OfType<SpeechStarted>()).SpeechPosition, 95_000, 98_000);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task UserSpeaksWhileTheModelReads_OpensATurnUnlessTheMicrophoneIsPaused(bool paused, int turns)
    {
        await using var talk = new SimulatedConversation(
            ["hello there"], ["Good morning."], new ConversationOptions { PauseMicrophoneDuringPrefill = paused });
        talk.Model.FirstWord = 4 * s_second;
        talk.Room.Speak(Tones.Of(s_second), s_second);
        var second = talk.Room.Speak(Tones.Of(s_second), 2 * s_second);

        var events = await talk.RunAsync();

        Assert.True(events.OfType<GenerationStarted>().First().Position < second);
        Assert.True(events.OfType<TokenGenerated>().First().Position > second + 16_000);
        Assert.Equal(turns, events.OfType<SpeechStarted>().Count());
        Assert.Equal("answered", events.OfType<TurnCompleted>().Last().Outcome);
    }

    [Fact]
    public async Task UserSpeaksOverReply_ReplyStops_AndHistoryKeepsWhatWasHeard()
    {
        using var folder = new TempFolder();
        await using var talk = new SimulatedConversation(
            ["tell me a story", "stop please"],
            ["one two three four five six seven eight nine ten eleven twelve.", "Very well."], folder: folder.Path);
        talk.Room.Speak(Tones.Of(s_second), s_second);
        var bargeIn = talk.Room.Speak(Tones.Of(s_second), TimeSpan.FromSeconds(2.2));

        var events = await talk.RunAsync();

        var interrupted = events.OfType<TurnInterrupted>().Single();
        var finished = events.OfType<PlaybackFinished>().First();
        Assert.Equal("speech", interrupted.By);
        Assert.True(finished.Interrupted);
        Assert.StartsWith("one two", finished.HeardText, StringComparison.Ordinal);
        Assert.InRange(interrupted.LastRendered - interrupted.Position, -160, 480);
        var loopback = WavReader.ReadAll(Path.Combine(folder.Path, TrackRecorder.Loopback), 16_000);
        Assert.Equal(WholeWords(loopback[..(int)interrupted.LastRendered]), finished.HeardText.Split(' ').Length);
        var next = events.OfType<PlaybackStarted>().Last().Position;
        Assert.All(loopback[(int)interrupted.LastRendered..(int)next], s => Assert.Equal(0, s, 3));
        Assert.True(interrupted.Position - bargeIn < 16_000 / 2, "the stop took longer than half a second");
        var reply = talk.Model.Prompts[1].Single(m => m.Role == ChatRole.Assistant);
        Assert.Equal(finished.HeardText + "…", reply.Text);
        var kept = talk.Session.Pipeline.Turns.History.Messages.Where(m => m.Role == ChatRole.Assistant).ToList();
        Assert.Equal([(finished.HeardText, true), ("Very well.", false)], kept.Select(m => (m.Text, m.AdditionalProperties?.ContainsKey(SpokenHistory.Interrupted) == true)));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(0)]
    public async Task UserSpeaks_RecognizerHearsFromThePreRollToTheEndOfTheHangOver(int preRoll)
    {
        var options = new ConversationOptions { PreRoll = TimeSpan.FromMilliseconds(preRoll) };
        await using var talk = new SimulatedConversation(["hello there"], ["Good morning."], options);
        talk.Room.Speak(Tones.Of(s_second), s_second);

        await talk.RunAsync();

        // The detector's window of 32 ms begins somewhere in the speech's first frame or before it.
        var expected = AudioFormat.Engine.ToSamples(options.PreRoll + s_second + options.HangOver);
        Assert.InRange(Assert.Single(talk.Recognizer.UtteranceSamples), expected - 160, expected + 512 + 160);
    }

    [Fact]
    public async Task HistoryFillsTheContext_OlderTurnsAreSummarised_AndTheNextPromptFits()
    {
        var counter = new HistorySummarizerTests.WordCounter();
        var question = string.Join(' ', Enumerable.Repeat("why", 90));
        await using var talk = new SimulatedConversation([question], ["Because.", "Because.", "Because.", "They asked why.", "So it is."], counter: counter);
        for (var turn = 0; turn < 4; turn++)
            talk.Room.Speak(Tones.Of(s_second), 3 * s_second);

        var events = await talk.RunAsync();

        var summarized = Assert.Single(events.OfType<HistorySummarized>());
        Assert.Equal(new TurnId(4), summarized.Turn);
        Assert.Contains("They asked why.", summarized.Summary, StringComparison.Ordinal);
        var prompt = talk.Model.Prompts[^1];
        Assert.Contains("They asked why.", prompt[0].Text, StringComparison.Ordinal);
        Assert.Equal(question, prompt[^1].Text);
        Assert.InRange(prompt.Sum(m => counter.Count(m.Text)), 90, counter.ContextTokens * talk.Options.SummarizeAt);
        Assert.Equal(4, events.OfType<TurnCompleted>().Count(t => t.Outcome == "answered"));
    }

    [Fact]
    public async Task TypedText_EntersTheConversation_AndInterruptsTheReply()
    {
        await using var talk = new SimulatedConversation(["hello"], ["one two three four five six seven eight nine ten.", "Yes."]);
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.Room.Speak(new float[16_000 * 5]);
        talk.At(TimeSpan.FromSeconds(4), () => talk.Session.Say("wait <b>now</b>"));

        var events = await talk.RunAsync();

        Assert.Equal("text", events.OfType<TurnInterrupted>().Single().By);
        Assert.Equal("wait <b>now</b>", talk.Model.Prompts[1][^1].Text);
        Assert.Equal(["interrupted", "answered"], events.OfType<TurnCompleted>().Select(e => e.Outcome));
    }

    [Theory]
    [InlineData("en", "Sorry, I cannot answer right now. Please try again later.")]
    [InlineData("zh", "抱歉，我现在无法回答，请稍后再试。")]
    public async Task ModelRefuses_ApologyIsSpokenInTheConversationsLanguage_AndTheNextTurnIsAnswered(string language, string apology)
    {
        await using var talk = new SimulatedConversation(
            ["hello", "hello again"], [null, "I am back."], new ConversationOptions { ModelAttempts = 1, Language = language });
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.Room.Speak(Tones.Of(s_second), TimeSpan.FromSeconds(12));

        var events = await talk.RunAsync();

        Assert.Equal("model", events.OfType<TurnFailed>().Single().Stage);
        Assert.Equal(["failed", "answered"], events.OfType<TurnCompleted>().Select(e => e.Outcome));
        Assert.Equal([apology, "I am back."], events.OfType<PlaybackFinished>().Select(e => e.HeardText));
    }

    [Fact]
    public async Task LanguageWithoutApologies_TheyAreSaidInEnglish_ByAnEnglishVoice()
    {
        await using var talk = new SimulatedConversation(
            ["bonjour", "encore"], [null, "Bonjour."], new ConversationOptions { ModelAttempts = 1, Language = "fr" });
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.Room.Speak(Tones.Of(s_second), TimeSpan.FromSeconds(12));

        await talk.RunAsync();

        Assert.Equal(("Bonjour.", "fr"), talk.Voice.Spoken[^1]);
        Assert.All(talk.Voice.Spoken.SkipLast(1), s => Assert.Equal("en", s.Language));
        Assert.StartsWith("Sorry", talk.Voice.Spoken[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PromptCannotBeBuilt_ApologyIsSpoken_AndTheConsoleListensOn()
    {
        await using var talk = new SimulatedConversation(["hello", "hello again"], ["Good morning."], new ConversationOptions { SystemPrompt = null! });
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.Room.Speak(Tones.Of(s_second), TimeSpan.FromSeconds(12));

        var events = await talk.RunAsync();

        Assert.Equal(["failed", "failed"], events.OfType<TurnCompleted>().Select(e => e.Outcome));
        Assert.All(events.OfType<PlaybackFinished>(), e => Assert.Equal(Apologies.ModelFailed("en"), e.HeardText));
        Assert.Equal(2, events.OfType<PlaybackFinished>().Count());
    }

    [Fact]
    public async Task SomethingThrowsOnTheLoop_TheConversationEndsAndSaysSo()
    {
        using var folder = new TempFolder();
        await using var talk = new SimulatedConversation(["hello"], ["Good morning."], folder: folder.Path);
        using var subscription = talk.Session.Events.SubscribeLossless();
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.At(2 * s_second, () => throw new InvalidOperationException("The hand slipped."));

        talk.Session.Start();
        await Assert.ThrowsAsync<InvalidOperationException>(() => talk.Session.Completion);

        TurnEvent? last = null;
        while (subscription.Reader.TryRead(out var turnEvent))
            last = turnEvent;
        Assert.Equal("error: The hand slipped.", Assert.IsType<ConversationEnded>(last).Reason);
        Assert.Equal(ConversationState.Ended, talk.Session.State);
        Assert.InRange(WavReader.ReadAll(Path.Combine(folder.Path, TrackRecorder.Microphone), 16_000).Length, 31_000, 33_000);
    }

    [Fact]
    public async Task ModelRefuses_FallbackAnswers()
    {
        await using var talk = new SimulatedConversation(
            ["hello"], [null], new ConversationOptions { ModelAttempts = 2 }, fallback: ["The other one speaks."]);
        talk.Room.Speak(Tones.Of(s_second), s_second);

        var events = await talk.RunAsync();

        Assert.Equal("answered", events.OfType<TurnCompleted>().Single().Outcome);
        Assert.EndsWith("The other one speaks.", events.OfType<PlaybackFinished>().Single().HeardText, StringComparison.Ordinal);
        Assert.Equal("fallback", events.OfType<GenerationRetried>().Last().Model);
    }

    [Fact]
    public async Task RecognizerBreaks_ConsoleSaysSo_AndListensOn()
    {
        await using var talk = new SimulatedConversation(["!", "hello"], ["Good morning."]);
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.Room.Speak(Tones.Of(s_second), TimeSpan.FromSeconds(10));

        var events = await talk.RunAsync();

        Assert.Equal("recognizer", events.OfType<TurnFailed>().Single().Stage);
        Assert.Equal(["failed", "answered"], events.OfType<TurnCompleted>().Select(e => e.Outcome));
    }

    [Fact]
    public async Task DeviceVanishesInMidReply_ConversationGoesOnWhenItReturns()
    {
        await using var talk = new SimulatedConversation(["hello", "hello"], ["one two three four five six seven eight nine ten.", "Yes."]);
        talk.Room.Speak(Tones.Of(s_second), s_second);
        talk.Room.Speak(Tones.Of(s_second), TimeSpan.FromSeconds(12));
        talk.At(TimeSpan.FromSeconds(4), talk.Room.Unplug);
        talk.At(TimeSpan.FromSeconds(6), talk.Room.Plug);

        var events = await talk.RunAsync();

        Assert.Contains(events.OfType<DeviceChanged>(), e => e.State == nameof(AudioDeviceState.Lost) && e.Problem is not null);
        Assert.Equal("answered", events.OfType<TurnCompleted>().Last().Outcome);
    }

    [Fact]
    public async Task TenMinutes_RunTwice_AreTheSameBitForBit()
    {
        var first = await TenMinutesAsync();
        var second = await TenMinutesAsync();

        Assert.True(first.OfType<TurnCompleted>().Count() > 50);
        Assert.Equal(first, second);

        static async Task<IReadOnlyList<TurnEvent>> TenMinutesAsync()
        {
            await using var talk = new SimulatedConversation(["hello", "what now"], ["Good morning to you.", "I do not know that."]);
            for (var i = 0; i < 60; i++)
                talk.Room.Speak(Tones.Of(s_second), TimeSpan.FromSeconds(9 - i % 6));
            return await talk.RunAsync();
        }
    }

    [Fact]
    public async Task HourOfSilence_OpensNoTurn()
    {
        await using var talk = new SimulatedConversation(["hello"], ["Good morning."]);
        talk.Room.Speak(new float[160], TimeSpan.FromHours(1));

        var events = await talk.RunAsync();

        Assert.DoesNotContain(events, e => e.Turn != TurnId.None);
    }

    // Words of the tone voice that sounded at full level from beginning to end.
    private static int WholeWords(float[] sound)
    {
        int[] loud = [.. Enumerable.Range(0, sound.Length).Where(i => Math.Abs(sound[i]) > 0.4f)];
        var first = loud.Where((at, i) => i == 0 || at - loud[i - 1] > ToneVoice.GapSamples / 2);
        var last = loud.Where((at, i) => i == loud.Length - 1 || loud[i + 1] - at > ToneVoice.GapSamples / 2);
        return first.Zip(last).Count(word => word.Second - word.First > ToneVoice.WordSamples - 40);
    }
}
