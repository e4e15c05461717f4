using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Speech.Silero;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Speech;

public class VoiceDetectorTests
{
    [Fact]
    public async Task TellsSpeechFromSilenceAndNoise_WithoutAllocating()
    {
        using var detector = await DetectorAsync();
        var noise = Noise(16_000, 0.01f);

        Assert.True(Share(Probabilities(detector, await FliteUser.SayAsync("Good morning, how are you today?", "flite-slt"))) > 0.5);
        Assert.Equal(0, Share(Probabilities(detector, new float[16_000])));
        Assert.True(Share(Probabilities(detector, noise)) < 0.1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 30; i++)
            detector.Detect(noise.AsSpan(i * 512, 512));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task RealSpeaker_HeardInHisFourPhrases_AndNotInThePausesBetween()
    {
        var sound = WavReader.ReadAll(TestData.Require("speech/jfk.wav"), 16_000);
        using var detector = await DetectorAsync();

        var probabilities = Probabilities(detector, sound);

        Assert.All(new[] { 1.0, 1.7, 3.6, 4.1, 5.9, 6.5, 8.5, 9.5, 10.0 }, second => Assert.True(At(second) > 0.5, $"{second} s: {At(second):0.00}"));
        Assert.All(new[] { 2.75, 4.85, 7.9 }, second => Assert.True(At(second) < 0.5, $"{second} s: {At(second):0.00}"));

        float At(double second) => probabilities[(int)(second * 16_000 / 512)];
    }

    [Fact]
    public async Task RealSpeakers_EnglishAndMandarin_AreHeardInMostOfWhatTheySay()
    {
        var clips = Directory.GetFiles(Path.GetDirectoryName(TestData.Require("speech/jfk.wav"))!, "*.wav");
        using var detector = await DetectorAsync();

        var shares = clips.Select(clip => (Clip: Path.GetFileName(clip), Share: Share(Probabilities(detector, WavReader.ReadAll(clip, 16_000))))).ToList();

        TestContext.Current.SendDiagnosticMessage(string.Join(", ", shares));
        Assert.Contains(shares, s => s.Clip.StartsWith("aishell", StringComparison.Ordinal));
        Assert.All(shares, s => Assert.InRange(s.Share, 0.5, 1));
    }

    [Fact]
    public async Task HalfAMinuteOfSilence_ThenOfFaintNoise_HoldNoSpeech_AndTheNextWordIsHeard()
    {
        using var detector = await DetectorAsync();
        var noise = Noise(16_000, 0.001f);
        var silence = new float[512];
        const int halfAMinute = 30 * 16_000 / 512;
        var heard = 0f;
        for (var window = 0; window < 2 * halfAMinute; window++)
            heard = Math.Max(heard, detector.Detect(window < halfAMinute ? silence : noise.AsSpan(window % 31 * 512, 512)));

        Assert.InRange(heard, 0, 0.5f);
        Assert.True(Share(Probabilities(detector, await FliteUser.SayAsync("Hello, are you still there?"), reset: false)) > 0.4);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1e30f)]
    public async Task SamplesThatAreNoSound_LeaveNothingBehind(float sample)
    {
        using var detector = await DetectorAsync();
        var speech = await FliteUser.SayAsync("Good morning, how are you today?", "flite-slt");
        var broken = new float[512];
        Array.Fill(broken, sample);
        var expected = Share(Probabilities(detector, speech));

        Assert.InRange(detector.Detect(broken), 0, 1);
        detector.Detect(broken);

        Assert.Equal(expected, Share(Probabilities(detector, speech, reset: false)), 0.15);
        Assert.Equal(expected, Share(Probabilities(detector, speech)), 1e-6);
    }

    [Fact]
    public async Task Model_TruncatedOrForeign_IsNamedWithItsRemedy()
    {
        using var folder = new TempFolder();
        var cut = folder / "cut.onnx";
        await File.WriteAllBytesAsync(cut, (await File.ReadAllBytesAsync(await ModelAsync()))[..100_000]);

        Assert.Contains("models pull", Assert.Throws<InvalidDataException>(() => new SileroVoiceDetector(cut)).Message, StringComparison.Ordinal);
        var foreign = TestData.Require("models/gtcrn_simple.onnx");
        Assert.Contains("another model", Assert.Throws<InvalidDataException>(() => new SileroVoiceDetector(foreign)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DisposedTwice_DoesNothing()
    {
        var detector = await DetectorAsync();
        detector.Dispose();
        detector.Dispose();
    }

    private static async Task<SileroVoiceDetector> DetectorAsync() => new(await ModelAsync());

    private static async Task<string> ModelAsync() => Path.Combine((await Parts.FoldersAsync("silero-vad"))[0], "package/dist/silero_vad_v6.onnx");

    private static float[] Probabilities(SileroVoiceDetector detector, float[] sound, bool reset = true)
    {
        if (reset)
            detector.Reset();
        return [.. Enumerable.Range(0, sound.Length / 512).Select(i => detector.Detect(sound.AsSpan(i * 512, 512)))];
    }

    private static double Share(float[] probabilities) => probabilities.Count(p => p > 0.5f) / (double)probabilities.Length;

    private static float[] Noise(int length, float level)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(2 * random.NextDouble() - 1) * level)];
    }
}
