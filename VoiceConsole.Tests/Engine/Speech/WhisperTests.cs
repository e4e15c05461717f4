using CsCheck;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Engine.Speech.Whisper;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench.Tiny;

namespace VoiceConsole.Tests.Engine.Speech;

public sealed class WhisperTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    // The model has whisper.cpp's real head and vocabulary and no weights: every step runs, and no word comes out.
    [Fact]
    public async Task Utterance_IsReadAsItArrives_AndOnceMoreAtItsEnd_BesideLlama()
    {
        using var llama = new LlamaChatClient(TinyLlama.Require(_folder), await Parts.FoldersAsync("llama"), 1, 256, TaskScheduler.Default);
        var before = await StoryAsync(llama);
        await using var recognizer = await LoadAsync(TestData.Require("models/for-tests-ggml-tiny.bin"));
        var sound = WavReader.ReadAll(TestData.Require("speech/jfk.wav"), 16_000);
        var speech = new Live(sound[..(16_000 * 2)]);

        var transcripts = await recognizer.RecognizeAsync(speech, Cancellation).ToListAsync();

        Assert.Equal("", Assert.Single(transcripts, t => t.IsFinal).Text);
        Assert.True(recognizer.Readings >= 2, $"{recognizer.Readings} readings");
        Assert.Contains("zh", recognizer.Languages);
        Assert.StartsWith("Once upon a time", before, StringComparison.Ordinal);
        Assert.Equal(before, await StoryAsync(llama));
    }

    [Theory]
    [InlineData("en", "en")]
    [InlineData("zh", "zh")]
    [InlineData("", "zh")]
    public async Task ModelsWords_AreShownWhileTheUserSpeaks_InTheLanguageChosenOrTold(string language, string told)
    {
        await using var recognizer = new WhisperRecognizer(TinyWhisper.Write(_folder.Path, "ggml-tiny"), await Parts.FoldersAsync("whisper"), language, 2, TaskScheduler.Default);

        var transcripts = await recognizer.RecognizeAsync(new Live(Tones.Of(TimeSpan.FromSeconds(3.5)), block: 1_600), Cancellation).ToListAsync();

        Assert.Equal(("hello there", true, told), (transcripts[^1].Text, transcripts[^1].IsFinal, transcripts[^1].Language));
        Assert.Contains(transcripts, t => t is { IsFinal: false, Text: "hello there" });
        Assert.InRange(transcripts[^1].Confidence!.Value, 0.5f, 1f);
    }

    [Fact]
    public async Task Silence_IsNotEvenRead()
    {
        await using var recognizer = await LoadAsync(TestData.Require("models/for-tests-ggml-tiny.bin"));

        foreach (var length in new[] { 0, 100, 16_000 })
            Assert.Equal("", (await recognizer.RecognizeAsync(new Live(new float[length]), Cancellation).ToListAsync())[^1].Text);

        Assert.Equal(0, recognizer.Readings);
    }

    [Fact]
    public async Task UtteranceCancelled_NextOneIsRead()
    {
        await using var recognizer = await LoadAsync(TestData.Require("models/for-tests-ggml-tiny.bin"));
        using var stop = new CancellationTokenSource();
        var sound = WavReader.ReadAll(TestData.Require("speech/jfk.wav"), 16_000)[..16_000];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in recognizer.RecognizeAsync(new Live(sound, stop.Cancel), stop.Token))
            {
            }
        });

        Assert.True(Assert.Single(await recognizer.RecognizeAsync(new Live(sound), Cancellation).ToListAsync()).IsFinal);
    }

    [Theory]
    [InlineData(0, "is no Whisper model")]
    [InlineData(40, "is no Whisper model")]
    [InlineData(2_000, "is cut off")]
    public async Task ModelCutOff_IsRefused(int length, string reason)
    {
        var file = _folder / "ggml-tiny.bin";
        await File.WriteAllBytesAsync(file, File.ReadAllBytes(TestData.Require("models/for-tests-ggml-tiny.bin"))[..length], Cancellation);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => LoadAsync(file));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HeadThatAsksForTheWholeMemory_IsRefusedBeforeNativeCodeSeesIt()
    {
        var file = _folder / "ggml-tiny.bin";
        var bytes = File.ReadAllBytes(TestData.Require("models/for-tests-ggml-tiny.bin"));
        BitConverter.GetBytes(int.MaxValue).CopyTo(bytes, 12);
        await File.WriteAllBytesAsync(file, bytes, Cancellation);

        Assert.Contains("describes no Whisper model", (await Assert.ThrowsAsync<InvalidDataException>(() => LoadAsync(file))).Message, StringComparison.Ordinal);
        Assert.Contains("describes no Whisper model", Assert.Single(LocalSpeech.Find(_folder.Path)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelDroppedIn_IsListedWithItsFacts()
    {
        File.Copy(TestData.Require("models/for-tests-ggml-tiny.bin"), _folder / "ggml-tiny.bin");
        await File.WriteAllTextAsync(_folder / "other.bin", "no model", Cancellation);

        var found = Assert.Single(LocalSpeech.Find(_folder.Path));

        Assert.Equal((EngineKind.Recognizer, "ggml-tiny", null), (found.Kind, found.Name, found.Problem));
        Assert.Contains("Whisper tiny", found.Facts);
    }

    [Theory]
    [InlineData(" Thank you for watching!", 0.7f, 0.9f, "")]
    [InlineData(" You", 0.5f, 0.3f, "")]
    [InlineData(" You", 0.1f, 0.9f, "You")]
    [InlineData(" Open the door.", 0.9f, 0.3f, "")]
    [InlineData(" Open the door.", 0.9f, 0.8f, "Open the door.")]
    [InlineData(" [BLANK_AUDIO]", 0.1f, 0.9f, "")]
    [InlineData(" (music) Hello there ♪", 0.1f, 0.9f, "Hello there")]
    [InlineData(" So I said so I said so I said so I said so I said goodbye", 0.1f, 0.9f, "So I said so I said goodbye")]
    [InlineData("字幕由Amara.org社区提供", 0.6f, 0.5f, "")]
    [InlineData("我的电话是1111 2222", 0.1f, 0.9f, "我的电话是1111 2222")]
    public void WordsThatWereMadeUp_AreNotHeard(string text, float noSpeech, float probability, string heard) =>
        Assert.Equal(heard, HeardWords.Of([new HeardSegment(text, noSpeech, probability)]));

    // Engines that do not say how sure they are.
    [Theory]
    [InlineData(" Thanks for watching!", "")]
    [InlineData(" You", "You")]
    [InlineData(" Open the door.", "Open the door.")]
    public void WordsOfUnknownWorth_AreHeardUnlessTheyAreCredits(string text, string heard) => Assert.Equal(heard, HeardWords.Of([new HeardSegment(text)]));

    [Fact]
    public void Agreement_ShowsWhatTwoReadingsShare_AndTakesNothingBack()
    {
        var stable = new StablePrefix();
        string[] readings = [" Ask not, what", " Ask not, which", " Has not what your", " Ask not what your", " Ask not what your country", "我们今天", "我们今"];

        Assert.Equal(["", "Ask not,", "Ask not,", "Ask not,", "Ask not, what your", "Ask not, what your", "Ask not, what your"], readings.Select(stable.Add));
        Assert.Equal(["", "我们今"], new[] { "我们今天", "我们今夜" }.Select(new StablePrefix().Add));
    }

    [Fact]
    public void AgreedWords_OnlyGrow_AndAreReadings() =>
        Gen.Char["ab 你。,"].Array[0, 30].Select(c => new string(c)).Array[1, 8].Sample(readings =>
        {
            var stable = new StablePrefix();
            var before = "";
            foreach (var reading in readings)
            {
                var now = stable.Add(reading);
                Assert.StartsWith(before, now, StringComparison.Ordinal);
                before = now;
            }
        });

    private static async Task<WhisperRecognizer> LoadAsync(string file) => new(file, await Parts.FoldersAsync("whisper"), "en", 2, TaskScheduler.Default);

    private static async Task<string> StoryAsync(LlamaChatClient llama) =>
        (await llama.GetResponseAsync([], new ChatOptions { Temperature = 0, MaxOutputTokens = 20 }, Cancellation)).Text;

    // Comes in pieces, each of which is waited for.
    private sealed class Live(float[] samples, Action? half = null, int block = int.MaxValue) : ISpeechSource
    {
        private int _position;

        public async ValueTask<int> ReadAsync(Memory<float> destination, CancellationToken cancellationToken)
        {
            if (_position >= samples.Length / 2)
                half?.Invoke();
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
            var count = Math.Min(Math.Min(destination.Length, block), samples.Length - _position);
            samples.AsMemory(_position, count).CopyTo(destination);
            _position += count;
            return count;
        }
    }
}
