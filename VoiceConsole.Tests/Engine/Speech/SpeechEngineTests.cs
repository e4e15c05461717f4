using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Engine.Speech.Espeak;
using VoiceConsole.Engine.Speech.Flite;
using VoiceConsole.Engine.Speech.PocketSphinx;
using VoiceConsole.Engine.Speech.Silero;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Speech;

public class SpeechEngineTests
{
    [Theory]
    [InlineData("What is the time?", "what is the time")]
    [InlineData("Please tell me a story.", "please tell me a story")]
    public async Task FliteSpeaks_PocketSphinxHears_WordForWord(string text, string words)
    {
        await using var recognizer = new PocketSphinxRecognizer(await Parts.FoldersAsync("pocketsphinx"), TaskScheduler.Default);

        var transcripts = await HearAsync(recognizer, await SayAsync("slt", text));

        Assert.Equal(words, transcripts[^1].Text);
        Assert.Single(transcripts, t => t.IsFinal);
    }

    [Fact]
    public async Task UtteranceCancelled_NextOneIsHeard()
    {
        await using var recognizer = new PocketSphinxRecognizer(await Parts.FoldersAsync("pocketsphinx"), TaskScheduler.Default);
        var sound = await SayAsync("slt", "What is the time?");
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in recognizer.RecognizeAsync(new Recording(sound, stop.Cancel), stop.Token))
            {
            }
        });

        Assert.Equal("what is the time", (await HearAsync(recognizer, sound))[^1].Text);
    }

    [Fact]
    public async Task Silence_AndNothingAtAll_YieldNoWords()
    {
        await using var recognizer = new PocketSphinxRecognizer(await Parts.FoldersAsync("pocketsphinx"), TaskScheduler.Default);

        Assert.Equal("", (await HearAsync(recognizer, []))[^1].Text);
        Assert.Equal("", (await HearAsync(recognizer, new float[16_000 * 10]))[^1].Text);
    }

    [Fact]
    public async Task FliteWords_LieWhereTheTextSays()
    {
        await using var voice = new FliteSynthesizer(await Parts.FoldersAsync("flite"), "slt", TaskScheduler.Default);

        const string text = "Hello there, 25 people.";
        var audio = Assert.Single(await voice.SynthesizeAsync(text, "en", TestContext.Current.CancellationToken).ToListAsync());

        Assert.Equal(["Hello", "there,", "25", "people."], audio.Words.Select(w => text.Substring(w.TextStart, w.TextLength)));
        Assert.All(audio.Words, w => Assert.True(w.End > w.Start));
        Assert.InRange(audio.Words[^1].End, audio.Samples.Length / 2, audio.Samples.Length);
    }

    [Fact]
    public async Task Espeak_SpeaksMandarin_AndTellsItsWords()
    {
        await using var voice = new EspeakSynthesizer(await Parts.FoldersAsync("espeak-ng"), TaskScheduler.Default);

        var audio = Assert.Single(await voice.SynthesizeAsync("你好，世界。", "zh", TestContext.Current.CancellationToken).ToListAsync());

        Assert.InRange(audio.Samples.Length / (double)audio.SampleRate, 0.5, 4);
        Assert.NotEmpty(audio.Words);
        Assert.True(audio.Samples.Span.IndexOfAnyExceptInRange(-0.05f, 0.05f) >= 0);
    }

    [Fact]
    public async Task Espeak_SpeaksMarkupAsPlainText_AndSilenceForNoWords()
    {
        await using var voice = new EspeakSynthesizer(await Parts.FoldersAsync("espeak-ng"), TaskScheduler.Default);

        Assert.Empty(await voice.SynthesizeAsync("\u0001 — …", "en", TestContext.Current.CancellationToken).ToListAsync());
        Assert.NotEmpty(await voice.SynthesizeAsync("<speak>[[h@l'oU]]\u0000 hello</speak> \U0001F600", "en", TestContext.Current.CancellationToken).ToListAsync());
    }

    [Fact]
    public async Task Detector_TellsSpeechFromSilenceAndNoise_WithoutAllocating()
    {
        using var detector = new SileroVoiceDetector(await DetectorFileAsync());
        var random = new Random(1);
        var noise = new float[16_000];
        for (var i = 0; i < noise.Length; i++)
            noise[i] = (float)(random.NextDouble() - 0.5) * 0.02f;

        Assert.True(Share(await SayAsync("slt", "Good morning, how are you today?")) > 0.5);
        Assert.Equal(0, Share(new float[16_000]));
        Assert.True(Share(noise) < 0.1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 30; i++)
            detector.Detect(noise.AsSpan(i * 512, 512));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        double Share(ReadOnlyMemory<float> sound)
        {
            detector.Reset();
            var speech = 0;
            for (var i = 0; i + 512 <= sound.Length; i += 512)
                speech += detector.Detect(sound.Span.Slice(i, 512)) > 0.5f ? 1 : 0;
            return speech / (sound.Length / 512.0);
        }
    }

    [Fact]
    public async Task DetectorModel_TruncatedOrForeign_IsNamedWithItsRemedy()
    {
        using var folder = new TempFolder();
        var cut = folder / "cut.onnx";
        await File.WriteAllBytesAsync(cut, (await File.ReadAllBytesAsync(await DetectorFileAsync()))[..100_000]);

        Assert.Contains("models pull", Assert.Throws<InvalidDataException>(() => new SileroVoiceDetector(cut)).Message, StringComparison.Ordinal);
        var foreign = TestData.Require("models/gtcrn_simple.onnx");
        Assert.Contains("another model", Assert.Throws<InvalidDataException>(() => new SileroVoiceDetector(foreign)).Message, StringComparison.Ordinal);
    }

    private static async Task<string> DetectorFileAsync() => Path.Combine((await Parts.FoldersAsync("silero-vad"))[0], "package/dist/silero_vad_v6.onnx");

    // With the silence around it that a pre-roll and a hang-over bring.
    private static async Task<float[]> SayAsync(string name, string text) =>
        [.. new float[4000], .. await FliteUser.SayAsync(text, $"flite-{name}"), .. new float[8000]];

    private static async Task<List<Transcript>> HearAsync(PocketSphinxRecognizer recognizer, float[] sound) =>
        await recognizer.RecognizeAsync(new Recording(sound), TestContext.Current.CancellationToken).ToListAsync();

    private sealed class Recording(float[] samples, Action? half = null) : ISpeechSource
    {
        private int _position;

        public ValueTask<int> ReadAsync(Memory<float> destination, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_position > samples.Length / 2)
                half?.Invoke();
            var count = Math.Min(destination.Length, samples.Length - _position);
            samples.AsMemory(_position, count).CopyTo(destination);
            _position += count;
            return ValueTask.FromResult(count);
        }
    }
}
