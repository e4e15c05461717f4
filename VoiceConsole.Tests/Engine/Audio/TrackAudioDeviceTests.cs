using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Audio;

public sealed class TrackAudioDeviceTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tracks_ComeBackSampleForSample_AndWhatIsPlayedCountsWithoutBeingHeard()
    {
        Write(TrackRecorder.Microphone, 0.5f, 400);
        Write(TrackRecorder.Loopback, 0.25f, 400);
        await using var device = new TrackAudioDevice(_folder.Path, _time);
        device.Start(() => { });
        device.Write([.. Enumerable.Repeat(0.125f, 160)], more: false);

        var (microphone, loopback, played) = Read(device, 3);
        Assert.Equal([.. Enumerable.Repeat(0.5f, 400), .. new float[80]], microphone);
        Assert.Equal([.. Enumerable.Repeat(0.25f, 400), .. new float[80]], loopback);
        Assert.Equal([.. Enumerable.Repeat(0.125f, 160), .. new float[320]], played);
        Assert.Equal(AudioDeviceState.Ended, device.Status.State);
    }

    [Fact]
    public void Track_OfAnotherRateOrMissing_IsRefusedWithTheReason()
    {
        Write(TrackRecorder.Microphone, 0.5f, 400);
        Assert.Throws<FileNotFoundException>(() => new TrackAudioDevice(_folder.Path, _time));
        WavWriter.WriteAll(_folder / TrackRecorder.Loopback, new float[400], 44_100);
        var error = Assert.Throws<InvalidDataException>(() => new TrackAudioDevice(_folder.Path, _time));
        Assert.Contains("44,100", error.Message, StringComparison.Ordinal);
    }

    private void Write(string name, float level, int samples) => WavWriter.WriteAll(_folder / name, [.. Enumerable.Repeat(level, samples)], 16_000);

    private (float[] Microphone, float[] Loopback, float[] Played) Read(TrackAudioDevice device, int frames)
    {
        List<float> microphone = [], loopback = [], played = [];
        var total = 0L;
        while (frames > 0)
        {
            Assert.True(_time.AdvanceToNextTimer());
            while (device.TryRead(out var frame))
            {
                Assert.False(frame.IsHeard);
                microphone.AddRange(frame.Captured);
                loopback.AddRange(frame.Rendered);
                played.AddRange(frame.Played);
                total = frame.RenderedTotal;
                frames--;
            }
        }

        Assert.Equal(160, total);
        return ([.. microphone], [.. loopback], [.. played]);
    }
}
