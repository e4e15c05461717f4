using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Audio;

[Collection(RealTime.Name)]
public class HostAudioDeviceTests
{
    [Fact]
    public async Task DeviceThatIsNotThere_IsNamedWithARemedy()
    {
        var folders = await Parts.FoldersAsync("portaudio");

        var error = Assert.Throws<AudioDeviceException>(() => new HostAudioDevice(folders, "no such thing", null, TimeProvider.System));

        Assert.Matches("(--device room|Choose with --mic)", error.Message);
    }

    [Fact]
    public async Task WhatIsPlayed_IsHeard_AndEverySampleIsRenderedOrTakenBack()
    {
        var folders = await Parts.FoldersAsync("portaudio");
        using var server = await PulseServer.StartAsync();
        await using var device = new HostAudioDevice(folders, "pulse", "pulse", TimeProvider.System);
        using var ready = new AutoResetEvent(false);
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
        var (correlation, delay) = Correlate([.. rendered], [.. heard]);
        TestContext.Current.SendDiagnosticMessage($"correlation {correlation:0.000} after {delay / 16.0:0.0} ms, {discarded} taken back, {device.Status}");
        Assert.True(correlation > 0.9, $"correlation {correlation:0.000}");
        Assert.InRange(delay, 0, 8000);
    }

    [Fact]
    public async Task DeviceVanishesInMidSentence_ItIsReportedLost_AndComesBack()
    {
        var folders = await Parts.FoldersAsync("portaudio");
        var server = await PulseServer.StartAsync();
        await using var device = new HostAudioDevice(folders, "pulse", "pulse", TimeProvider.System);
        using var ready = new AutoResetEvent(false);
        device.Start(() => ready.Set());
        await UntilAsync(d => d.TryRead(out _));

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

    private static float[] Noise(int length)
    {
        var random = new Random(1);
        var samples = new float[length];
        for (var i = 0; i < length; i++)
            samples[i] = (float)(random.NextDouble() - 0.5) * 0.4f;
        return samples;
    }

    private static (double Correlation, int Delay) Correlate(float[] rendered, float[] heard)
    {
        var start = Array.FindIndex(rendered, s => s != 0);
        var reference = rendered.AsSpan(start, 16_000);
        (double Best, int Delay) found = (0, 0);
        for (var delay = 0; delay <= 8000; delay++)
        {
            var score = TensorPrimitives.CosineSimilarity<float>(reference, heard.AsSpan(start + delay, 16_000));
            if (score > found.Best)
                found = (score, delay);
        }

        return found;
    }
}
