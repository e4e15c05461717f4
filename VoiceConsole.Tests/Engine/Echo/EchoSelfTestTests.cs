using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo.Adaptive;
using VoiceConsole.Engine.Echo.SelfTest;
using VoiceConsole.Web.Live;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Tests.Engine.Echo;

/// <summary>The self-test in simulated rooms, whose figures are known, on virtual time.</summary>
public class EchoSelfTestTests
{
    private static readonly RoomOptions s_room = new("test", 0.3, -12, TimeSpan.FromMilliseconds(60), -70);

    [Theory]
    [InlineData(20, -20, 0.15)]
    [InlineData(120, -6, 0.5)]
    [InlineData(400, -12, 0.3)]
    public void Delay_level_and_reverberation_are_those_of_the_room(int delayMs, double level, double reverberation)
    {
        var result = Run(s_room with { EchoDelay = TimeSpan.FromMilliseconds(delayMs), EchoLevel = level, ReverberationTime = reverberation });

        Assert.True(result.IsAudible);
        Assert.InRange(result.DelayMs, delayMs - 2, delayMs + 2);
        Assert.InRange(result.ReturnLossDb, -level - 1, -level + 2);
        Assert.InRange(result.TailMs, 700 * reverberation, 1500 * reverberation);
        Assert.InRange(result.NoiseDb, -72, -68);
        Assert.InRange(result.FilterErleDb, 8, 60);
        Assert.Equal(0, result.DriftPpm);
        Assert.Equal(0, result.Decay[0]);
    }

    [Fact]
    public void Two_clocks_are_seen_and_said()
    {
        var result = Run(s_room with { DriftPpm = -120 });
        Assert.InRange(result.DriftPpm, 100, 140);
        Assert.Contains(result.Advice, a => a.Contains("two clocks", StringComparison.Ordinal));
    }

    [Fact]
    public void A_loudspeaker_that_distorts_is_told_from_one_that_does_not()
    {
        Assert.True(Run(s_room with { Loudspeaker = LoudspeakerKind.Asymmetric }).DistortionDb > Run(s_room).DistortionDb + 6);
    }

    [Fact]
    public void Where_nothing_is_heard_it_says_so_and_draws_no_echo()
    {
        var result = Run(s_room with { EchoLevel = double.NegativeInfinity });
        Assert.False(result.IsAudible);
        Assert.Contains("headphones", Assert.Single(result.Advice), StringComparison.Ordinal);
        Assert.DoesNotContain("echo after", SelfTestPicture.Svg(result, new PageTexts()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_picture_is_well_formed_and_says_what_it_shows()
    {
        var picture = System.Xml.Linq.XElement.Parse(SelfTestPicture.Svg(Run(s_room), new PageTexts()));
        Assert.Contains("60 milliseconds", picture.Attribute("aria-label")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_vanishes_breaks_it_off()
    {
        var error = Assert.Throws<AudioDeviceException>(() => Run(s_room, room => room.Unplug()));
        Assert.Contains("Plug it in again", error.Message, StringComparison.Ordinal);
    }

    private static SelfTestResult Run(RoomOptions options, Action<RoomAudioDevice>? after = null)
    {
        var loop = new EventLoop(new VirtualTime());
        SelfTestResult? result = null;
        loop.Run(async () =>
        {
            await using var room = new RoomAudioDevice(options, loop.Time);
            using var canceller = new AdaptiveCanceller();
            var test = new EchoSelfTest(room, canceller).RunAsync(Babble(), null, CancellationToken.None);
            if (after is not null)
            {
                await Task.Delay(TimeSpan.FromSeconds(2), loop.Time);
                after(room);
            }

            result = await test;
        });
        return result!;
    }

    // Twelve seconds of noise with the syllables of speech.
    private static float[] Babble()
    {
        var random = new Random(1);
        var sound = new float[12 * 16_000];
        var last = 0f;
        for (var i = 0; i < sound.Length; i++)
            sound[i] = last = 0.7f * last + 0.15f * (float)(random.NextDouble() - 0.5) * (float)Math.Max(0, Math.Sin(2 * Math.PI * 3 * i / 16_000));
        return sound;
    }
}
