using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Audio;

public class WavAudioDeviceTests
{
    [Theory]
    [InlineData(16_000)]
    [InlineData(8000)]
    [InlineData(44_100)]
    public async Task Recording_IsCapturedAtTheEnginesRate_ThenComesSilence(int rate)
    {
        using var folder = new TempFolder();
        var tone = ResamplerTests.Tone(rate, rate, 300);
        File.WriteAllBytes(folder / "user.wav", WavTests.FloatStereo(tone, rate));
        var time = new VirtualTime();
        await using var device = new WavAudioDevice(folder / "user.wav", time);
        device.Start(() => { });
        Assert.Equal(AudioDeviceState.Running, device.Status.State);

        var heard = new List<float>();
        for (var frame = 0; frame < 200; frame++)
        {
            time.AdvanceToNextTimer();
            Assert.True(device.TryRead(out var read));
            heard.AddRange(read.Captured);
        }

        var expected = Resampler.Convert(tone, rate, 16_000);
        Assert.All(expected.Take(15_900).Zip(heard), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
        Assert.All(heard.Skip(16_100), sample => Assert.Equal(0, sample));
        Assert.Equal(AudioDeviceState.Ended, device.Status.State);
    }

    [Fact]
    public void RecordingWithoutASample_IsRefused()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder / "empty.wav", WavTests.FloatStereo([], 8000));

        var error = Assert.Throws<InvalidDataException>(() => new WavAudioDevice(folder / "empty.wav", new VirtualTime()));

        Assert.Contains("empty.wav has no sound in it", error.Message, StringComparison.Ordinal);
    }
}
