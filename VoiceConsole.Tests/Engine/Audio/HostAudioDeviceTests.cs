using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Audio;

[Collection(RealTime.Name)]
public class HostAudioDeviceTests
{
    // 20 ms at 48 kHz.
    private const int Window = 960;

    [Fact]
    public async Task DeviceThatIsNotThere_IsNamedWithARemedy()
    {
        var folders = await Parts.FoldersAsync("portaudio");

        var error = Assert.Throws<AudioDeviceException>(() => new HostAudioDevice(folders, "no such thing", null, TimeProvider.System));

        Assert.Matches("(--device room|Choose with --mic)", error.Message);
    }

    [Theory]
    [InlineData(16_000, 1)]
    [InlineData(48_000, 2)]
    [InlineData(44_100, 2)]
    public async Task WhatIsPlayed_IsHeard_AndEverySampleIsRenderedOrTakenBack(int rate, int channels)
    {
        var folders = await Parts.FoldersAsync("portaudio");
        using var server = await PulseServer.StartAsync(rate, channels);
        using var ready = new AutoResetEvent(false);
        // No device takes the first.
        await using var device = new HostAudioDevice(folders, "pulse", "pulse", TimeProvider.System, [new(rate, 99, 99), new(rate, channels, channels)]);
        List<float> heard = [], rendered = [];
        var played = Noise(32_000);
        int written = 0, discarded = 0;
        long position = 0, total = 0;

        device.Start(() => ready.Set());
        while (heard.Count < 16_000 * 4)
        {
            Assert.True(ready.WaitOne(TimeSpan.FromSeconds(10)), "no frame came");
            while (device.TryRead(out var frame))
            {
                Assert.Equal(position, frame.Position);
                position = frame.End;
                total = frame.RenderedTotal;
                heard.AddRange(frame.Captured);
                rendered.AddRange(frame.Rendered);
                if (written == played.Length && discarded == 0)
                {
                    discarded = device.Discard();
                    Assert.Equal(0, device.Discard());
                }
            }

            if (heard.Count < 16_000 || written == played.Length)
                continue;
            var count = Math.Min(device.WritableSamples, played.Length - written);
            device.Write(played.AsSpan(written, count), more: true);
            written += count;
        }

        Assert.Equal(written, total + discarded);
        Assert.Equal(AudioDeviceState.Running, device.Status.State);
        // A delay of whole samples at the device's rate is none at ours, so the two are laid on each other more finely.
        var (sent, got) = (Resampler.Convert([.. rendered], 16_000, 48_000), Resampler.Convert([.. heard], 16_000, 48_000));
        var start = 3 * rendered.FindIndex(sample => sample != 0);
        // A sound server on a busy machine skips now and then; 20 ms that are whole say enough.
        var (correlation, delay) = Enumerable.Range(0, 95).Select(i => Correlate(sent, got, start + i * Window)).MaxBy(c => c.Correlation);
        TestContext.Current.SendDiagnosticMessage($"correlation {correlation:0.0000} after {delay / 48.0:0.0} ms, {discarded} taken back, {device.Status}");
        Assert.True(correlation > 0.99, $"correlation {correlation:0.0000}");
        Assert.InRange(delay, 0, 24_000);
    }

    [Fact]
    public async Task FramesThatNobodyReads_AreDroppedOldestFirst_AndCounted_AndADeviceThatVanishes_IsReportedLost_AndComesBack()
    {
        var folders = await Parts.FoldersAsync("portaudio");
        using var server = await PulseServer.StartAsync();
        using var ready = new AutoResetEvent(false);
        await using var device = new HostAudioDevice(folders, "pulse", "pulse", TimeProvider.System);
        device.Start(() => ready.Set());
        // More than the second of 10 ms blocks that is kept.
        for (var block = 0; block < 120; block++)
            Assert.True(ready.WaitOne(TimeSpan.FromSeconds(10)), "no frame came");
        Assert.Equal(0, device.Status.Overruns);
        Assert.True(device.TryRead(out var kept));
        Assert.InRange(kept.Position / 160, 1, device.Status.Overruns);
        Assert.True(device.TryRead(out var next));
        Assert.Equal(kept.End, next.Position);

        server.Dispose();
        await UntilAsync(d => d.Status.State == AudioDeviceState.Lost);
        Assert.NotNull(device.Status.Problem);
        Assert.Equal(0, device.WritableSamples);

        using var again = await PulseServer.StartAsync();
        await UntilAsync(d => d.TryRead(out var frame) && frame.Position > 0);
        Assert.Equal(AudioDeviceState.Running, device.Status.State);

        Task UntilAsync(Func<HostAudioDevice, bool> condition) => Task.Run(() =>
        {
            for (var waits = 0; !condition(device); waits++)
            {
                Assert.True(waits < 2000, "the device did not change its state");
                ready.WaitOne(TimeSpan.FromMilliseconds(20));
            }
        });
    }

    [Fact]
    public async Task DeviceVanishesBetweenTheQuestionForRoomAndTheWriting_TheSamplesAreTaken()
    {
        var folders = await Parts.FoldersAsync("portaudio");
        var server = await PulseServer.StartAsync();
        using var changed = new SemaphoreSlim(0);
        await using var device = new HostAudioDevice(folders, "pulse", "pulse", TimeProvider.System);
        device.Start(() => changed.Release());
        var room = device.WritableSamples;

        server.Dispose();
        while (device.Status.State != AudioDeviceState.Lost)
            Assert.True(await changed.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), "the loss was not noticed");
        device.Write(new float[room], more: true);

        Assert.True(room > 0);
        Assert.Equal(room, device.Discard());
    }

    // Up to 2 kHz, which every rate can hold.
    private static float[] Noise(int length)
    {
        var random = new Random(1);
        var samples = new float[length / 4];
        for (var i = 0; i < samples.Length; i++)
            samples[i] = (float)(random.NextDouble() - 0.5) * 0.4f;
        return Resampler.Convert(samples, 4000, 16_000);
    }

    private static (double Correlation, int Delay) Correlate(float[] sent, float[] got, int start)
    {
        var reference = sent.AsSpan(start, Window);
        (double Best, int Delay) found = (0, 0);
        for (var delay = 0; delay <= 24_000; delay++)
        {
            var score = TensorPrimitives.CosineSimilarity<float>(reference, got.AsSpan(start + delay, Window));
            if (score > found.Best)
                found = (score, delay);
        }

        return found;
    }
}
