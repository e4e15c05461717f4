using CsCheck;
using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Tests.Engine.Audio;

public class ResamplerTests
{
    private static readonly int[] s_rates = [8000, 11_025, 22_050, 44_100, 48_000, 16_001];

    [Theory]
    [InlineData(8000)]
    [InlineData(22_050)]
    [InlineData(44_100)]
    [InlineData(48_000)]
    public void A_tone_keeps_its_pitch_level_and_place(int rate)
    {
        var input = Tone(rate, rate, 1000);
        var output = Resampler.Convert(input, rate, 16_000);
        Assert.Equal(16_000, output.Length);
        var wanted = Tone(16_000, 16_000, 1000);
        double error = 0, power = 0;
        // The ends have only half a filter of sound to go by.
        for (var i = 800; i < 15_200; i++)
        {
            error += Math.Pow(output[i] - wanted[i], 2);
            power += Math.Pow(wanted[i], 2);
        }

        Assert.InRange(10 * Math.Log10(power / error), 60, 200);
    }

    [Fact]
    public void What_the_new_rate_cannot_hold_is_gone()
    {
        var output = Resampler.Convert(Tone(48_000, 48_000, 12_000), 48_000, 16_000);
        Assert.True(output.Skip(800).SkipLast(800).Max(Math.Abs) < 0.001f);
    }

    [Fact]
    public void The_output_does_not_depend_on_how_the_input_is_cut() =>
        Gen.Select(Gen.Int[0, 5].Select(i => s_rates[i]), Gen.Int[1, 900].Array[1, 20]).Sample((rate, cuts) =>
        {
            var input = Tone(rate, cuts.Sum(), 440);
            var whole = new Resampler(rate, 16_000);
            var expected = new float[whole.MaxOutput(input.Length)];
            var count = whole.Process(input, expected);

            var pieces = new Resampler(rate, 16_000);
            var actual = new List<float>();
            var offset = 0;
            foreach (var cut in cuts)
            {
                var output = new float[pieces.MaxOutput(cut)];
                actual.AddRange(output.AsSpan(0, pieces.Process(input.AsSpan(offset, cut), output)));
                offset += cut;
            }

            Assert.Equal(expected.AsSpan(0, count), actual.ToArray().AsSpan());
        });

    internal static float[] Tone(int rate, int samples, double frequency) =>
        [.. Enumerable.Range(0, samples).Select(i => 0.5f * (float)Math.Sin(2 * Math.PI * frequency * i / rate))];
}
