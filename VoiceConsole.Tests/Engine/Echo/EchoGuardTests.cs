using CsCheck;
using VoiceConsole.Engine.Echo;

namespace VoiceConsole.Tests.Engine.Echo;

public class EchoGuardTests
{
    private const int Frame = 160;
    private const int Rate = 16_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void User_over_the_reply_It_is_lowered_and_then_confirmed(bool learned)
    {
        var guard = new EchoGuard(new GuardOptions { Learned = learned }, Rate);
        Play(guard, 300, loudspeaker: 0.2f, user: 0, voice: true);
        Assert.False(guard.Ducks);
        var ducked = Play(guard, 40, loudspeaker: 0.2f, user: 0.2f, voice: true, until: g => g.Ducks);
        Assert.InRange(ducked, 1, 10);
        var confirmed = Play(guard, 40, loudspeaker: 0.01f, user: 0.2f, voice: true, until: g => g.Confirms);
        Assert.InRange(confirmed, 1, 30);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Noise_over_the_reply_It_is_lowered_and_comes_back_with_a_verdict(bool learned)
    {
        var guard = new EchoGuard(new GuardOptions { Learned = learned }, Rate);
        Play(guard, 300, loudspeaker: 0.2f, user: 0, voice: true);
        Play(guard, 20, loudspeaker: 0.2f, user: 0.3f, voice: false);
        Assert.True(guard.Ducks);
        Assert.True(guard.TryTakeVerdict(out var duck));
        Assert.Equal(VerdictKind.Duck, duck.Kind);
        Assert.False(guard.Confirms);
        Play(guard, 40, loudspeaker: 0.01f, user: 0, voice: true);
        Assert.False(guard.Ducks);
        Assert.True(guard.TryTakeVerdict(out var end));
        Assert.Contains(end.Kind, new[] { VerdictKind.Noise, VerdictKind.Echo });
        Assert.NotEmpty(end.Reason);
        Assert.Equal(0.0, end.Evidence["speech windows"]);
    }

    [Fact]
    public void Whatever_happens_The_reply_is_never_low_for_a_second_and_a_user_is_noticed_afterwards() =>
        Gen.Select(Gen.Float[0, 0.4f], Gen.Float[0, 0.4f], Gen.Int[1, 60], Gen.Bool, Gen.Bool, Gen.Int[0, 9])
            .Array[1, 12].Sample(steps =>
        {
            var guard = new EchoGuard(new GuardOptions(), Rate);
            var low = 0;
            foreach (var (loudspeaker, user, frames, voice, replying, other) in steps)
            {
                if (other == 0)
                    guard.Reset();
                if (other == 1)
                    guard.Stopped();
                Play(guard, frames, loudspeaker, user, voice, replying, g =>
                {
                    low = g.Ducks ? low + 1 : 0;
                    Assert.True(low < 100, "the reply stayed low");
                    Assert.True(replying || !g.Ducks, "nothing is playing that could be low");
                    g.AddWindow(voice ? 1 : 0, voice);
                    return false;
                });
            }

            Play(guard, 150, 0.1f, 0, voice: true);
            Assert.InRange(Play(guard, 300, 0.1f, 0.5f, voice: true, until: g => g.Suspects), 1, 299);
        }, iter: 12);

    [Fact]
    public void Frames_allocate_nothing()
    {
        var guard = new EchoGuard(new GuardOptions(), Rate);
        float[] rendered = new float[Frame], captured = new float[Frame];
        Fill(rendered, 0.2f, 1, false);
        Fill(captured, 0.2f, 2, true);
        guard.Process(captured, rendered, replying: true);
        guard.AddCleaned(guard.Left, replying: true);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            guard.Process(captured, rendered, replying: true);
            guard.AddCleaned(guard.Left, replying: true);
            guard.AddWindow(1, true);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Frames of a loudspeaker's noise with its echo 20 dB down, and of a user; returns after how many `until` was true.
    private static int Play(EchoGuard guard, int frames, float loudspeaker, float user, bool voice, bool replying = true, Func<EchoGuard, bool>? until = null)
    {
        float[] rendered = new float[Frame], captured = new float[Frame], near = new float[Frame];
        for (var i = 1; i <= frames; i++)
        {
            Fill(rendered, loudspeaker, i, false);
            Fill(near, user, i, voice);
            for (var n = 0; n < Frame; n++)
                captured[n] = 0.1f * (n >= 40 ? rendered[n - 40] : 0) + near[n];
            guard.Process(captured, rendered, replying);
            guard.AddCleaned(guard.Left, replying);
            if (i % 3 == 0)
                guard.AddWindow(voice && user > 0 ? 1 : 0, voice && user > 0);
            if (until?.Invoke(guard) == true)
                return i;
        }

        return frames;
    }

    // A voice is a buzz of 125 Hz with all its overtones, in step from frame to frame; anything else is noise.
    private static void Fill(float[] samples, float level, int frame, bool voice)
    {
        var random = new Random(frame);
        for (var i = 0; i < samples.Length; i++)
            samples[i] = voice ? level * (2 * (((frame * Frame + i) % 128) / 128f) - 1) : level * ((float)random.NextDouble() * 2 - 1);
    }
}
