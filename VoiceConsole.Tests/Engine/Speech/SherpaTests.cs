using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Engine.Speech.Sherpa;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench.Tiny;

namespace VoiceConsole.Tests.Engine.Speech;

public sealed class SherpaTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StreamingModel_ShowsItsWordsWhileTheUserSpeaks_UtteranceAfterUtterance()
    {
        await using var recognizer = new SherpaStreamingRecognizer(SherpaModel.Find(TinySherpa.WriteTransducer(_folder.Path, "zip"))!, await Parts.FoldersAsync("sherpa-onnx"), "en", 1, TaskScheduler.Default);
        var sound = Tones.Of(TimeSpan.FromSeconds(1));

        for (var utterance = 0; utterance < 2; utterance++)
        {
            var transcripts = await recognizer.RecognizeAsync(new Pieces(sound), Cancellation).ToListAsync();
            Assert.Equal(("hi there", true), (transcripts[^1].Text, transcripts[^1].IsFinal));
            Assert.Contains(transcripts, t => t is { IsFinal: false, Text: "hi there" });
        }

        Assert.Equal("", (await recognizer.RecognizeAsync(new Pieces(new float[16_000]), Cancellation).ToListAsync())[^1].Text);
    }

    [Theory]
    [InlineData("ctc", "hi")]
    [InlineData("paraformer", "你好")]
    [InlineData("moonshine", "good morning")]
    public async Task OtherFamilies_HearWhatTheirModelsSay(string family, string words)
    {
        var folder = family switch
        {
            "ctc" => TinySherpa.WriteZipformerCtc(_folder.Path, family),
            "paraformer" => TinySherpa.WriteParaformer(_folder.Path, family),
            _ => TinySherpa.WriteMoonshine(_folder.Path, family),
        };
        var (model, folders) = (SherpaModel.Find(folder)!, await Parts.FoldersAsync("sherpa-onnx"));
        await using ISpeechRecognizer recognizer = model.IsStreaming
            ? new SherpaStreamingRecognizer(model, folders, "en", 1, TaskScheduler.Default)
            : new SherpaWholeRecognizer(model, folders, "en", 1, TaskScheduler.Default);
        var sound = Tones.Of(TimeSpan.FromSeconds(1));

        for (var utterance = 0; utterance < 2; utterance++)
            Assert.Equal(words, (await recognizer.RecognizeAsync(new Pieces(sound), Cancellation).ToListAsync())[^1].Text);

        Assert.Equal(words, ((IBareRecognizer)recognizer).Hear(sound));
        Assert.Equal("", (await recognizer.RecognizeAsync(new Pieces(new float[16_000]), Cancellation).ToListAsync())[^1].Text);
    }

    [Theory]
    [InlineData("kokoro")]
    [InlineData("kitten")]
    [InlineData("matcha")]
    public async Task OtherFamilies_SpeakTheirModelsSound(string family)
    {
        string[] folders = [.. await Parts.FoldersAsync("sherpa-onnx"), .. await Parts.FoldersAsync("espeak-ng")];
        var model = SherpaModel.Find(family switch
        {
            "kokoro" => TinySherpa.WriteKokoro(_folder.Path, family),
            "kitten" => TinySherpa.WriteKitten(_folder.Path, family),
            _ => TinySherpa.WriteMatcha(_folder.Path, family),
        })!;
        await using var voice = new SherpaSynthesizer(model, folders, null, 1, TaskScheduler.Default);

        var word = await SoundAsync(voice, "Hello!");
        var words = await SoundAsync(voice, "Hello, how are you today?");

        Assert.InRange(word.Length, 5 * TinyPiper.SamplesOfId, words.Length / 2);
        Assert.InRange(word.Max(), 0.4f, 0.6f);
        if (family == "matcha")
            return;
        await using var second = new SherpaSynthesizer(model, folders, new VoiceStyle("1"), 1, TaskScheduler.Default);
        Assert.InRange((await SoundAsync(second, "Hello!")).Average() - word.Average(), TinySherpa.SecondLevel - 0.05f, TinySherpa.SecondLevel + 0.05f);
    }

    [Fact]
    public async Task UtteranceCancelled_NextOneIsHeard()
    {
        await using var recognizer = new SherpaStreamingRecognizer(SherpaModel.Find(TinySherpa.WriteTransducer(_folder.Path, "zip"))!, await Parts.FoldersAsync("sherpa-onnx"), "en", 1, TaskScheduler.Default);
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
        await using var recognizer = new SherpaWholeRecognizer(SherpaModel.Find(TinySherpa.WriteSenseVoice(_folder.Path, "sense"))!, await Parts.FoldersAsync("sherpa-onnx"), "en", 1, TaskScheduler.Default);

        var transcripts = await recognizer.RecognizeAsync(new Pieces(Tones.Of(TimeSpan.FromSeconds(3.5))), Cancellation).ToListAsync();

        Assert.Equal(["good morning", "good morning"], transcripts.Select(t => t.Text));
        Assert.Equal([false, true], transcripts.Select(t => t.IsFinal));
        Assert.Equal("", Assert.Single(await recognizer.RecognizeAsync(new Pieces(new float[16_000]), Cancellation).ToListAsync()).Text);
    }

    [Fact]
    public async Task Voice_SpeaksItsModelsSound_AtTheSpeedAndBySpeakerAskedFor()
    {
        var model = SherpaModel.Find(TinySherpa.WriteVits(_folder.Path, "vits", speakers: 3))!;
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

    [Fact]
    public async Task Voice_GivesWhatIsMade_BeforeTheRestOfItsTextIs()
    {
        string[] folders = [.. await Parts.FoldersAsync("sherpa-onnx"), .. await Parts.FoldersAsync("espeak-ng")];
        await using var voice = new SherpaSynthesizer(SherpaModel.Find(TinySherpa.WriteVits(_folder.Path, "vits"))!, folders, null, 1, TaskScheduler.Default);
        const string Text = "Good morning! How are you?";

        var pieces = await voice.SynthesizeAsync(Text, "en", Cancellation).ToListAsync();

        Assert.Equal(2, pieces.Count);
        Assert.Equal(["Good", "morning!", "How", "are", "you?"], pieces.SelectMany(p => p.Words).Select(w => Text.Substring(w.TextStart, w.TextLength)));
        Assert.All(pieces, p => Assert.All(p.Words, w => Assert.InRange(w.End, w.Start, p.Samples.Length)));
        Assert.Equal((TinyPiper.Rate, pieces.Sum(p => p.Samples.Length)), ((IBareVoice)voice).Speak(Text, "en"));
        // Whoever leaves after the first piece does not spoil the next sentence.
        await foreach (var _ in voice.SynthesizeAsync(Text, "en", Cancellation))
            break;
        Assert.Equal(2, (await voice.SynthesizeAsync(Text, "en", Cancellation).ToListAsync()).Count);
    }

    // The library would end the process over each of these.
    [Theory]
    [InlineData("T", "encoder.onnx does not say its 'T'")]
    [InlineData("rnn_hidden_size", "does not say its 'rnn_hidden_size'")]
    [InlineData("context_size", "decoder.onnx does not say its 'context_size'")]
    [InlineData("model_type", "does not say its 'model_type'")]
    public void TransducerThatDoesNotDescribeItself_IsRefused(string without, string reason)
    {
        var folder = TinySherpa.WriteTransducer(_folder.Path, "zip", without);

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
        var folder = TinySherpa.WriteSenseVoice(_folder.Path, "sense");
        File.WriteAllText(Path.Combine(folder, "tokens.txt"), tokens);

        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => SherpaModel.Find(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model-steps-3.onnx", "is a Matcha voice without its vocoder: put the vocoder")]
    [InlineData("encoder.onnx decoder.onnx", "If it is a ZipVoice voice, put the vocoder")]
    [InlineData("encoder_model.onnx decoder_model_merged.onnx", "is a Moonshine model of the second kind")]
    public void VoiceWithoutWhatItNeeds_SaysWhat(string files, string reason)
    {
        var any = Path.Combine(TinySherpa.WriteVits(_folder.Path, "vits"), "vits.onnx");
        var folder = Directory.CreateDirectory(_folder / "half").FullName;
        foreach (var file in files.Split(' '))
            File.Copy(any, Path.Combine(folder, file));
        File.WriteAllText(Path.Combine(folder, "tokens.txt"), "a 0\n");

        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => SherpaModel.Find(folder)).Message, StringComparison.Ordinal);
        Assert.Contains(reason, LocalSpeech.Find(_folder.Path).Single(s => s.Name == "half").Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ModelCutOff_IsRefused()
    {
        var folder = TinySherpa.WriteTransducer(_folder.Path, "zip");
        using (var stream = File.OpenWrite(Path.Combine(folder, "joiner.onnx")))
            stream.SetLength(stream.Length / 2);

        Assert.Contains("cut short", Assert.Throws<InvalidDataException>(() => SherpaModel.Find(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GraphThatMakesNoSense_IsRefused()
    {
        var folder = TinySherpa.WriteSenseVoice(_folder.Path, "sense");
        var file = Path.Combine(folder, "model.onnx");
        File.WriteAllBytes(file, [.. System.Text.Encoding.Latin1.GetBytes(System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)).Replace("Gather", "Gathex", StringComparison.Ordinal))]);

        var error = Assert.Throws<InvalidDataException>(() => SherpaModel.Find(folder)!.RequireLoadable());

        Assert.Contains("model.onnx of sense is no model that can be loaded", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FoldersDroppedIn_AreToldByTheirFiles()
    {
        TinySherpa.WriteTransducer(_folder.Path, "zip");
        TinySherpa.WriteSenseVoice(_folder.Path, "sense");
        TinySherpa.WriteVits(_folder.Path, "vits");
        Directory.CreateDirectory(_folder / "other");
        File.WriteAllText(_folder / "other/readme.txt", "no model");

        var found = LocalSpeech.Find(_folder.Path);

        Assert.Equal([(EngineKind.Recognizer, "sense", null), (EngineKind.Voice, "vits", null), (EngineKind.Recognizer, "zip", (string?)null)], found.Select(f => (f.Kind, f.Name, f.Problem)));
        Assert.Contains("words while you speak", found[2].Facts);
    }

    private static async Task<float[]> SoundAsync(SherpaSynthesizer voice, string text) =>
        [.. (await voice.SynthesizeAsync(text, "en", Cancellation).ToListAsync()).SelectMany(a => a.Samples.ToArray())];

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
