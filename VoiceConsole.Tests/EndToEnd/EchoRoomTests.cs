using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench.Echo;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>Scenarios of <c>bench echo</c>, each at one fixed point, with real canceller and detector.</summary>
public class EchoRoomTests
{
    private static readonly EchoPoint s_office = new(0.3, LoudspeakerKind.SoftClip, 60, 0, 5, RoomNoise.None, "flite-rms", false, 7);

    [Fact]
    public async Task S1_console_talks_alone_Without_a_guard_it_answers_itself_and_with_it_never()
    {
        Assert.True((await PlayAsync("S1", "no guard")).Score.SelfTurns > 10);
        var (run, score) = await PlayAsync("S1", EchoSetup.Ours);
        Assert.Equal((0, 0), (score.SelfTurns, score.FalseStops));
        Assert.True(score.BotMinutes > 0.9);
        Assert.Empty(run.Events.OfType<SpeechStarted>());
    }

    [Fact]
    public async Task S3_user_barges_in_It_stops_within_a_second_and_hears_him()
    {
        var (_, score) = await PlayAsync("S3", EchoSetup.Ours);
        Assert.Equal((6, 0, 0), (score.BargeIns, score.BargeIns - score.Stopped, score.FalseStops));
        Assert.InRange(score.StopMs.Order().ElementAt(2), 50, 350);
        Assert.Equal(0, score.Unanswered);
    }

    [Theory]
    [InlineData("S4")]
    [InlineData("S5")]
    public async Task Sounds_that_want_nothing_do_not_stop_it(string scenario)
    {
        var (run, score) = await PlayAsync(scenario, EchoSetup.Ours);
        Assert.Equal(9, run.Sounds.Count);
        Assert.Equal((0, 0), (score.FalseStops, score.SelfTurns));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_conversation()
    {
        var first = await PlayAsync("S2", EchoSetup.Ours);
        var second = await PlayAsync("S2", EchoSetup.Ours);
        Assert.Equal(4, first.Score.UserTurns);
        Assert.Equal(0, first.Score.Unanswered + first.Score.FirstWordMissing);
        Assert.Equal(Decisions(first.Run), Decisions(second.Run));

        // The native canceller's comfort noise is its own: the last decimals of what it removes may differ.
        static IEnumerable<TurnEvent> Decisions(RunResult run) => run.Events.Where(e => e is not (VerdictReached or EchoPathMeasured));
    }

    private static async Task<(RunResult Run, EchoScore Score)> PlayAsync(string scenario, string setup)
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "flite" })
            await Parts.FoldersAsync(part);
        await using var voices = new Voices(new EngineLoader(Parts.Store, TaskScheduler.Default));
        var run = await RoomRun.PlayAsync(
            EchoScenario.All.Single(s => s.Id == scenario), s_office, EchoSetup.All.Single(s => s.Name == setup), voices, Parts.Store, TestContext.Current.CancellationToken);
        return (run, EchoScore.Of(run));
    }
}
