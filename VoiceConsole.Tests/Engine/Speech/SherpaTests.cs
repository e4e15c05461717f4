using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Engine.Speech.Sherpa;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Speech;

public sealed class SherpaTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StreamingModel_ShowsItsWordsWhileTheUserSpeaks_UtteranceAfterUtterance()
    {
        await using var recognizer = new SherpaStreamingRecognizer(SherpaModel.Find(TinySherpa.WriteTransducer(_folder, "zip"))!, await Parts.FoldersAsync("sherpa-onnx"), "en", 1, TaskScheduler.Default);
        var sound = Tones.Of(TimeSpan.FromSeconds(1));

        for (var utterance = 0; utterance < 2; utterance++)
        {
            var transcripts = await recognizer.RecognizeAsync(new Pieces(sound), Cancellation).ToListAsync();
            Assert.Equal(("hi there", true), (transcripts[^1].Text, transcripts[^1].IsFinal));
            Assert.Contains(transcripts, t => t is { IsFinal: false, Text: "hi there" });
        }

        Assert.Equal("", (await recognizer.RecognizeAsync(new Pieces(new float[16_000]), Cancellation).ToListAsync())[^1].Text);
    }

    [Fact]
    public async Task UtteranceCancelled_NextOneIsHeard()
    {
        await using var recognizer = new SherpaStreamingRecognizer(SherpaModel.Find(TinySherpa.WriteTransducer(_folder, "zip"))!, await Parts.FoldersAsync("sherpa-onnx"), "en", 1, TaskScheduler.Default);
        var sound = Tones.Of(TimeSpan.FromSeconds(1));
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in recognizer.RecognizeAsync(new Pieces(sound), stop.Token))
                await stop.CancelAsync();
        });

        Assert.Equal("hi there", (await recognizer.RecognizeAsync(new Pieces(sound), Cancellation).ToListAsync())[^1].Text);
    }

    [Fact]
    public async Task ModelOfWholeUtterances_ShowsWhatTwoReadingsAgreeOn()
    {
        await using var recognizer = new SherpaWholeRecognizer(SherpaModel.Find(TinySherpa.WriteSenseVoice(_folder, "sense"))!, await Parts.FoldersAsync("sherpa-onnx"), "en", 1, TaskScheduler.Default);

        var transcripts = await recognizer.RecognizeAsync(new Pieces(Tones.Of(TimeSpan.FromSeconds(3.5))), Cancellation).ToListAsync();

        Assert.Equal(["good morning", "good morning"], transcripts.Select(t => t.Text));
        Assert.Equal([false, true], transcripts.Select(t => t.IsFinal));
        Assert.Equal("", Assert.Single(await recognizer.RecognizeAsync(new Pieces(new float[16_000]), Cancellation).ToListAsync()).Text);
    }

    [Fact]
    public async Task Voice_SpeaksItsModelsSound_AtTheSpeedAndBySpeakerAskedFor()
    {
        var model = SherpaModel.Find(TinySherpa.WriteVits(_folder, "vits", speakers: 3))!;
        string[] folders = [.. await Parts.FoldersAsync("sherpa-onnx"), .. await Parts.FoldersAsync("espeak-ng")];
        await using var voice = new SherpaSynthesizer(model, folders, null, 1, TaskScheduler.Default);
        await using var slow = new SherpaSynthesizer(model, folders, new VoiceStyle("2", 2), 1, TaskScheduler.Default);

        var audio = Assert.Single(await voice.SynthesizeAsync("Hello!", "en", Cancellation).ToListAsync());
        var longer = Assert.Single(await slow.SynthesizeAsync("Hello!", "en", Cancellation).ToListAsync());

        Assert.Equal(TinyPiper.Rate, audio.SampleRate);
        var first = Enumerable.Range(0, TinyPiper.SamplesOfId).Select(i => TinyPiper.Tone(TinyPiper.Id('^'), i));
        Assert.Equal(first, audio.Samples[..TinyPiper.SamplesOfId].ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.InRange(longer.Samples.Length, 1.8 * audio.Samples.Length, 2.2 * audio.Samples.Length);
        Assert.Equal(["en"], voice.Languages);
        Assert.Contains("0 to 2", Assert.Throws<ArgumentException>(() => new SherpaSynthesizer(model, folders, new VoiceStyle("3"), 1, TaskScheduler.Default)).Message, StringComparison.Ordinal);
    }

    // The library would end the process over each of these.
    [Theory]
    [InlineData("T", "encoder.onnx does not say its 'T'")]
    [InlineData("rnn_hidden_size", "does not say its 'rnn_hidden_size'")]
    [InlineData("context_size", "decoder.onnx does not say its 'context_size'")]
    [InlineData("model_type", "does not say its 'model_type'")]
    public void TransducerThatDoesNotDescribeItself_IsRefused(string without, string reason)
    {
        var folder = TinySherpa.WriteTransducer(_folder, "zip", without);

        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => SherpaModel.Find(folder)).Message, StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Single(LocalSpeech.Find(_folder.Path)).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<blk> 0\nhi\n", "damaged in line 2")]
    [InlineData("<blk> 0\nhi 1\nhi 2\n", "damaged in line 3")]
    [InlineData("", "is empty")]
    [InlineData("<unk> 0\nhi 1\n", "has 2 tokens, and the model 7")]
    public void TokensThatAreNone_AreRefused(string tokens, string reason)
    {
        var folder = TinySherpa.WriteSenseVoice(_folder, "sense");
        File.WriteAllText(Path.Combine(folder, "tokens.txt"), tokens);

        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => SherpaModel.Find(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ModelCutOff_IsRefused()
    {
        var folder = TinySherpa.WriteTransducer(_folder, "zip");
        using (var stream = File.OpenWrite(Path.Combine(folder, "joiner.onnx")))
            stream.SetLength(stream.Length / 2);

        Assert.Contains("cut short", Assert.Throws<InvalidDataException>(() => SherpaModel.Find(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GraphThatMakesNoSense_IsRefused()
    {
        var folder = TinySherpa.WriteSenseVoice(_folder, "sense");
        var file = Path.Combine(folder, "model.onnx");
        File.WriteAllBytes(file, [.. System.Text.Encoding.Latin1.GetBytes(System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)).Replace("Gather", "Gathex", StringComparison.Ordinal))]);

        var error = Assert.Throws<InvalidDataException>(() => SherpaModel.Find(folder)!.RequireLoadable());

        Assert.Contains("model.onnx of sense is no model that can be loaded", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FoldersDroppedIn_AreToldByTheirFiles()
    {
        TinySherpa.WriteTransducer(_folder, "zip");
        TinySherpa.WriteSenseVoice(_folder, "sense");
        TinySherpa.WriteVits(_folder, "vits");
        Directory.CreateDirectory(_folder / "other");
        File.WriteAllText(_folder / "other/readme.txt", "no model");

        var found = LocalSpeech.Find(_folder.Path);

        Assert.Equal([(EngineKind.Recognizer, "sense", null), (EngineKind.Voice, "vits", null), (EngineKind.Recognizer, "zip", (string?)null)], found.Select(f => (f.Kind, f.Name, f.Problem)));
        Assert.Contains("words while you speak", found[2].Facts);
    }

    // A tenth of a second at a time, each of which is waited for.
    private sealed class Pieces(float[] samples) : ISpeechSource
    {
        private int _position;

        public async ValueTask<int> ReadAsync(Memory<float> destination, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
            var count = Math.Min(Math.Min(1_600, destination.Length), samples.Length - _position);
            samples.AsMemory(_position, count).CopyTo(destination);
            _position += count;
            return count;
        }
    }
}
