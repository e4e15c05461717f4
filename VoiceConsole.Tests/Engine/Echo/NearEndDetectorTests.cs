using VoiceConsole.Engine.Echo;

namespace VoiceConsole.Tests.Engine.Echo;

public class NearEndDetectorTests
{
    private const int Frame = 160;

    [Fact]
    public void EchoAlone_IsNobody_AndAUserOverIt_IsHeard()
    {
        var detector = new NearEndDetector(16_000);
        var far = Noise(1, 400 * Frame, 0.3f);
        var user = Noise(2, 400 * Frame, 0.15f);
        int alone = 0, over = 0;
        for (var i = 0; i < 400; i++)
        {
            var rendered = far.AsSpan(i * Frame, Frame);
            var captured = new float[Frame];
            for (var n = 0; n < Frame; n++)
                captured[n] = 0.1f * (i * Frame + n >= 640 ? far[i * Frame + n - 640] : 0) + (i >= 300 ? user[i * Frame + n] : 0);
            var near = detector.Detect(captured, rendered, i >= 300 ? -40 : -75);
            alone += i < 300 && near ? 1 : 0;
            over += i >= 300 && near ? 1 : 0;
        }

        Assert.Equal(0, alone);
        Assert.True(over > 80, $"{over} of 100 frames");
    }

    [Fact]
    public void LoudspeakerTurnedUp_WhileTheCancellerHolds_IsNobody()
    {
        var detector = new NearEndDetector(16_000);
        var far = Noise(1, 400 * Frame, 0.2f);
        for (var i = 0; i < 400; i++)
        {
            var captured = far.AsSpan(i * Frame, Frame).ToArray();
            for (var n = 0; n < Frame; n++)
                captured[n] *= i < 200 ? 0.1f : 0.6f;
            Assert.False(detector.Detect(captured, far.AsSpan(i * Frame, Frame), -75));
        }
    }

    [Fact]
    public void Frames_AllocateNothing()
    {
        var detector = new NearEndDetector(16_000);
        var sound = Noise(1, Frame, 0.2f);
        detector.Detect(sound, sound, -50);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            detector.Detect(sound, sound, -50);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static float[] Noise(int seed, int length, float level)
    {
        var random = new Random(seed);
        var samples = new float[length];
        for (var i = 0; i < length; i++)
            samples[i] = ((float)random.NextDouble() * 2 - 1) * level;
        return samples;
    }
}
