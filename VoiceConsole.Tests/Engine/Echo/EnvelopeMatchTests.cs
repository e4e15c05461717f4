using VoiceConsole.Engine.Echo;

namespace VoiceConsole.Tests.Engine.Echo;

public class EnvelopeMatchTests
{
    private const int Frame = 160;

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(60)]
    public void A_distorted_echo_rises_and_falls_as_the_loudspeaker_did(int delayFrames)
    {
        var sound = Syllables(seed: 1);
        var match = Run(sound, (at, i) => Math.Clamp(0.3f * At(sound, at - delayFrames * Frame + i), -0.02f, 0.02f));
        Assert.True(match > 0.7f, $"{match:0.00}");
    }

    [Fact]
    public void Another_voice_does_not()
    {
        float[] sound = Syllables(seed: 1), other = Syllables(seed: 2);
        var match = Run(sound, (at, i) => 0.3f * At(sound, at - 10 * Frame + i) + (at > 4 * 16_000 ? 3 * other[at + i] : 0));
        Assert.True(match < 0.5f, $"{match:0.00}");
    }

    private static float At(float[] sound, int at) => at < 0 ? 0 : sound[at];

    private static float Run(float[] rendered, Func<int, int, float> microphone)
    {
        var match = new EnvelopeMatch(16_000);
        var bands = new BandLevels(16_000);
        var captured = new float[Frame];
        var levels = new float[BandLevels.Count];
        for (var at = 0; at + Frame <= rendered.Length; at += Frame)
        {
            for (var i = 0; i < Frame; i++)
                captured[i] = microphone(at, i);
            bands.Measure(captured, levels);
            match.Add(levels, rendered.AsSpan(at, Frame));
        }

        return match.Value;
    }

    // Five seconds of noise through a resonance that moves, four times a second, each time as loud as it likes.
    private static float[] Syllables(int seed)
    {
        var random = new Random(seed);
        var sound = new float[5 * 16_000];
        float before = 0, last = 0;
        for (var syllable = 0; syllable < 20; syllable++)
        {
            var (hertz, level, length) = (300 + 2500 * random.NextDouble(), 0.005 + 0.03 * random.NextDouble(), 1500 + random.Next(2000));
            for (var i = 0; i < 4000; i++)
            {
                var now = (float)(2 * 0.97 * Math.Cos(2 * Math.PI * hertz / 16_000) * last - 0.97 * 0.97 * before + (i < length ? level * (random.NextDouble() - 0.5) : 0));
                (before, last) = (last, now);
                sound[syllable * 4000 + i] = now;
            }
        }

        return sound;
    }
}
