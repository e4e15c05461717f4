using CsCheck;
using VoiceConsole.Engine.Echo.Learned;

namespace VoiceConsole.Tests.Engine.Echo;

public class NearEndSignsTests
{
    [Fact]
    public void Any_frames_The_values_are_the_means_of_the_last_3_8_20_and_40() =>
        Gen.Float[-2, 2].Array[1, 120].Sample(frames =>
        {
            var signs = new NearEndSigns();
            foreach (var value in frames)
                signs.Add([.. Enumerable.Range(0, NearEndSigns.Count).Select(i => value + i)]);
            var at = 0;
            foreach (var stretch in (int[])[3, 8, 20, 40])
            {
                for (var sign = 0; sign < NearEndSigns.Count; sign++)
                    Assert.Equal(frames.TakeLast(stretch).Sum(v => v + sign) / stretch, signs.Values[at++], 0.01f);
            }

            Assert.Equal(frames.Length, signs.Frames);
        });

    [Fact]
    public void Another_reply_begins_It_is_judged_as_if_it_were_the_first()
    {
        var (used, fresh) = (new NearEndSigns(), new NearEndSigns());
        float[] loud = [.. Enumerable.Repeat(1f, NearEndSigns.Count)], faint = [.. Enumerable.Repeat(0.1f, NearEndSigns.Count)];
        for (var i = 0; i < 50; i++)
            used.Add(loud);
        used.Reset();
        used.Add(faint);
        fresh.Add(faint);
        Assert.Equal(fresh.Values.ToArray(), used.Values.ToArray());
    }

    [Fact]
    public void Wrong_number_of_weights_It_says_how_many_are_wanted() =>
        Assert.Contains($"{NearEndNet.WeightCount}", Assert.Throws<ArgumentException>(() => new NearEndNet(new float[7])).Message, StringComparison.Ordinal);

    [Fact]
    public void Weights_of_the_console_Silence_is_no_user()
    {
        var net = NearEndNet.Embedded();
        Assert.True(net.Judge(new float[NearEndSigns.Inputs]) < 0);
    }
}
