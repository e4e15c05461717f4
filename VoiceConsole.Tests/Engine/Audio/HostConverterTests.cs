using CsCheck;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;

namespace VoiceConsole.Tests.Engine.Audio;

public class HostConverterTests
{
    private static readonly int[] s_rates = [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000];

    [Fact]
    public void LoudspeakerWiredToTheMicrophone_SameSampleAtTheSamePosition_HoweverTheFramesAreCut() =>
        Gen.Select(Gen.Int[0, 8].Select(i => s_rates[i]), Gen.Int[1, 3], Gen.Int[1, 3], Gen.Double[0.01, 1].Array[40, 120]).Sample((rate, inputs, outputs, cuts) =>
        {
            var (rendered, captured) = Loop(new HostFormat(rate, inputs, outputs), cuts);
            var (again, capturedAgain) = Loop(new HostFormat(rate, inputs, outputs), [.. Enumerable.Repeat(1.0, cuts.Length)]);

            var same = Math.Min(captured.Length, capturedAgain.Length);
            Assert.Equal(captured.AsSpan(0, same), capturedAgain.AsSpan(0, same));
            Assert.Equal(rendered.AsSpan(0, same), again.AsSpan(0, same));
            // The converter says how far the microphone is behind; what is rendered ahead is as much again.
            var delay = new HostConverter(new HostFormat(rate, inputs, outputs)).CaptureDelay;
            Assert.InRange(rendered.Length - captured.Length, Math.Min(delay, 1), 2 * delay + 25);
            var error = captured.Zip(rendered, (c, r) => (double)(c - r) * (c - r)).Skip(200).SkipLast(200).Average();
            var power = rendered.Average(r => (double)r * r);
            Assert.InRange(10 * Math.Log10(power / Math.Max(error, 1e-12)), 50, 200);
        }, iter: 60);

    [Fact]
    public void Blocks_CostNoAllocation()
    {
        var format = new HostFormat(44_100, 2, 2);
        var converter = new HostConverter(format);
        var (samples, frames) = (new float[converter.MaxSamples], new float[2 * format.BlockFrames]);
        Once();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Once();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Once()
        {
            converter.Render(samples.AsSpan(0, converter.SamplesFor(format.BlockFrames)), frames);
            converter.Capture(frames, samples);
        }
    }

    [Fact]
    public void StereoMicrophone_IsMixed_AndStereoLoudspeaker_GetsBothSides()
    {
        var converter = new HostConverter(new HostFormat(16_000, 2, 3));
        var (captured, output) = (new float[2], new float[6]);

        Assert.Equal(2, converter.Capture([0.5f, 0.25f, -1, 0], captured));
        converter.Render([0.5f, -0.5f], output);

        Assert.Equal([0.375f, -0.5f], captured);
        Assert.Equal([0.5f, 0.5f, 0, -0.5f, -0.5f, 0], output);
    }

    [Fact]
    public void Formats_EnginesOwnFirst_ThenTheDevices_AndNeverMoreChannelsThanThereAre()
    {
        var microphone = new HostDevice(0, "mic", 2, 0, 44_100, true, false);
        var loudspeaker = new HostDevice(1, "speaker", 0, 8, 96_000, false, true);

        var formats = HostFormat.Candidates(microphone, loudspeaker).ToList();

        Assert.Equal(new HostFormat(16_000, 1, 1), formats[0]);
        Assert.Equal([16_000, 44_100, 96_000, 48_000, 32_000, 192_000, 8000], formats.Select(f => f.Rate).Distinct());
        Assert.Equal([1, 2], formats.Select(f => f.Inputs).Distinct());
        Assert.Equal([1, 2, 8], formats.Select(f => f.Outputs).Distinct());
        Assert.Equal(formats.Count, formats.Distinct().Count());
    }

    // Each cut is a share of a block; every output channel's frames come back on every input channel at once.
    private static (float[] Rendered, float[] Captured) Loop(HostFormat format, double[] cuts)
    {
        var converter = new HostConverter(format);
        List<float> rendered = [], captured = [];
        var (samples, output, input) = (new float[converter.MaxSamples], new float[format.BlockFrames * format.Outputs], new float[format.BlockFrames * format.Inputs]);
        foreach (var cut in cuts)
        {
            var frames = Math.Max(1, (int)(cut * format.BlockFrames));
            var wanted = converter.SamplesFor(frames);
            for (var i = 0; i < wanted; i++)
            {
                var time = (rendered.Count + i) / 16_000.0;
                samples[i] = 0.3f * (float)(Math.Sin(time * 2 * Math.PI * 440) + Math.Sin(time * 2 * Math.PI * 2900));
            }

            rendered.AddRange(samples.AsSpan(0, wanted));
            converter.Render(samples.AsSpan(0, wanted), output.AsSpan(0, frames * format.Outputs));
            for (var i = 0; i < frames; i++)
                input.AsSpan(i * format.Inputs, format.Inputs).Fill(output[i * format.Outputs]);
            captured.AddRange(samples.AsSpan(0, converter.Capture(input.AsSpan(0, frames * format.Inputs), samples)));
        }

        return ([.. rendered], [.. captured]);
    }
}
