using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Engine.Speech.Espeak;
using VoiceConsole.Engine.Speech.Piper;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench.Tiny;

namespace VoiceConsole.Tests.Engine.Speech;

public sealed class PiperTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    // The second and the third are what Piper's own phonemizer is tested with; the espeak-ng it brings stresses "is" as well.
    [Theory]
    [InlineData("en-us", "Hello world.", "həlˈoʊ wˈɜːld.")]
    [InlineData("en-us", "this, is: a; test.", "ðˈɪs, ɪz: ˈeɪ; tˈɛst.")]
    [InlineData("de", "licht!", "lˈɪc\u0327t!")]
    [InlineData("en-us", "Are you 25? Yes!", "ɑːɹ juː twˈɛnti fˈaɪv? jˈɛs!")]
    [InlineData("en-us", "Ask Dr. Smith, e.g. now.", "ˈæsk dˈɑːktɚ smˈɪθ, fˌɔːɹɛɡzˈæmpəl nˈaʊ.")]
    [InlineData("cmn", "你好，世界。", "nˈi2 χˈɑu2, s.ˈi.5 tɕˈiɛ5.")]
    [InlineData("cmn", "我用 Windows 吗？", "wˈo2 ˈyu5ŋ wˈɪndəʊz mˈɑ1?")]
    public async Task Text_BecomesThePhonemesPiperWasTrainedOn(string voice, string text, string phonemes)
    {
        EspeakLibrary.Load(await Parts.FoldersAsync("espeak-ng"));

        Assert.Equal(phonemes, string.Concat(PiperPhonemes.Of(text, voice)));
    }

    [Fact]
    public void LettersThatAreThePhonemes_AreLowered_AndTheirMarksStandApart() =>
        Assert.Equal(["\u0438", "\u0306", "!"], PiperPhonemes.Of("\u0419!", ""));

    [Fact]
    public async Task Voice_SpeaksTheIdsOfItsPhonemes_AtTheLengthAskedFor()
    {
        var file = TinyPiper.Write(_folder.Path, "en_US-tones-low");
        var folders = await Parts.FoldersAsync("espeak-ng");
        await using var voice = new PiperSynthesizer(file, folders, null, 1, TaskScheduler.Default);
        await using var slow = new PiperSynthesizer(file, folders, new VoiceStyle(Length: 3), 1, TaskScheduler.Default);

        var audio = Assert.Single(await voice.SynthesizeAsync("Hello!", "en", Cancellation).ToListAsync());
        var longer = Assert.Single(await slow.SynthesizeAsync("Hello!", "en", Cancellation).ToListAsync());

        long[] ids = [TinyPiper.Id('^'), TinyPiper.Id('_'), .. "həlˈoʊ!".SelectMany(p => new long[] { TinyPiper.Id(p), TinyPiper.Id('_') }), TinyPiper.Id('$')];
        var expected = ids.SelectMany(id => Enumerable.Range(0, TinyPiper.SamplesOfId).Select(i => TinyPiper.Tone(id, i))).ToArray();
        TensorPrimitives.Divide(expected, expected.Max(Math.Abs), expected);
        Assert.Equal(TinyPiper.Rate, audio.SampleRate);
        Assert.Equal(expected, audio.Samples.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(3 * audio.Samples.Length, longer.Samples.Length);
        Assert.Equal([(0, 6)], audio.Words.Select(w => (w.TextStart, w.TextLength)));
        Assert.Equal(("en_US-tones-low", "en-US"), (voice.Id, Assert.Single(voice.Languages)));
    }

    [Fact]
    public async Task LongSentence_BeginsWithAClause_AndItsWordsStandWhereTheTextSays()
    {
        await using var voice = new PiperSynthesizer(TinyPiper.Write(_folder.Path, "v"), await Parts.FoldersAsync("espeak-ng"), null, 1, TaskScheduler.Default);
        const string text = "When the evening came over the hills, the old man lit a lamp, sat down beside the window, and began to read the letter that his brother had sent him from the other side of the sea.";

        var parts = await voice.SynthesizeAsync(text, "en", Cancellation).ToListAsync();

        Assert.True(parts.Count >= 3, $"{parts.Count} parts");
        Assert.Equal("When the evening came over the hills,", string.Join(' ', parts[0].Words.Select(w => text.Substring(w.TextStart, w.TextLength))));
        Assert.Equal(text.Split(' '), parts.SelectMany(p => p.Words).Select(w => text.Substring(w.TextStart, w.TextLength)));
        Assert.All(parts, p => Assert.InRange(p.Samples.Span.IndexOfAnyExceptInRange(-1.0001f, 1.0001f), -1, -1));
    }

    [Fact]
    public async Task Speakers_AreChosenByNameOrNumber()
    {
        var file = TinyPiper.Write(_folder.Path, "many", speakers: 4);
        var folders = await Parts.FoldersAsync("espeak-ng");

        var levels = new List<float>();
        foreach (var speaker in new[] { null, "p2", "2", "3" })
        {
            await using var voice = new PiperSynthesizer(file, folders, new VoiceStyle(speaker), 1, TaskScheduler.Default);
            var samples = Assert.Single(await voice.SynthesizeAsync("Hello!", "en", Cancellation).ToListAsync()).Samples.ToArray();
            levels.Add(samples.Average());
        }

        Assert.Equal(levels[1], levels[2]);
        Assert.True(levels[0] < levels[1] - 0.1 && levels[1] < levels[3] - 0.05, string.Join(' ', levels));
        var error = Assert.Throws<ArgumentException>(() => new PiperSynthesizer(file, folders, new VoiceStyle("p9"), 1, TaskScheduler.Default));
        Assert.Contains("p0, p1", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<JsonObject>, string> Contradictions => new()
    {
        { "more speakers", json => json["num_speakers"] = 3, "says 3 speakers, and its model has one" },
        { "an id beyond the model's table", json => (json["num_symbols"], json["phoneme_id_map"]!["z"]) = (500, new JsonArray(499)), "its model refuses what its JSON describes" },
        { "an id beyond its own count", json => json["phoneme_id_map"]!["z"] = new JsonArray(499), "contradicts itself" },
        { "a speaker beyond its own count", json => json["speaker_id_map"]!["p7"] = 7, "its speaker p7 has the number 7 of 1" },
        { "no beginning", json => json["phoneme_id_map"]!.AsObject().Remove("^"), "has no id for '^'" },
        { "no map", json => json.Remove("phoneme_id_map"), "it has no 'phoneme_id_map'" },
        { "text instead of a number", json => json["audio"]!["sample_rate"] = "fast", "is no description of a Piper voice" },
        { "pinyin", json => json["phoneme_type"] = "pinyin", "'pinyin', which is not supported" },
    };

    [Theory]
    [MemberData(nameof(Contradictions), DisableDiscoveryEnumeration = true)]
    public async Task FilesThatContradictEachOther_AreRefusedWithTheReason(string what, Action<JsonObject> change, string reason)
    {
        var file = TinyPiper.Write(_folder.Path, "voice", change: change);
        var folders = await Parts.FoldersAsync("espeak-ng");

        var error = Assert.Throws<InvalidDataException>(() => new PiperSynthesizer(file, folders, null, 1, TaskScheduler.Default));

        Assert.True(error.Message.Contains(reason, StringComparison.Ordinal), $"{what}: {error.Message}");
    }

    [Theory]
    [InlineData(0.5, "cut short")]
    [InlineData(0, "has no graph")]
    public async Task ModelCutOff_IsNamed_AndListedWithWhatIsWrong(double share, string listed)
    {
        var file = TinyPiper.Write(_folder.Path, "voice");
        await using (var stream = File.OpenWrite(file))
            stream.SetLength((long)(stream.Length * share));
        var folders = await Parts.FoldersAsync("espeak-ng");

        var error = Assert.Throws<InvalidDataException>(() => new PiperSynthesizer(file, folders, null, 1, TaskScheduler.Default));

        Assert.Contains("is no model that can be loaded", error.Message, StringComparison.Ordinal);
        Assert.Contains(listed, Assert.Single(LocalSpeech.Find(_folder.Path)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VoiceDroppedIn_IsFoundByItsName_AndSpeaksOnlyItsOwnLanguage()
    {
        // The library is loaded once, from where it stays.
        EspeakLibrary.Load(await Parts.FoldersAsync("espeak-ng"));
        Directory.CreateDirectory(_folder / "models/voices");
        foreach (var part in new[] { "espeak-ng", "alsa" })
            Directory.CreateSymbolicLink(_folder / $"models/{part}", Path.Combine(ConsolePaths.Find().Models, part));
        TinyPiper.Write(_folder.Path, "models/voices/en_US-tones-low");
        File.WriteAllText(_folder / "models/voices/lonely.onnx.json", "{}");
        var loader = new EngineLoader(new ModelStore(new ConsolePaths(_folder.Path), Parts.Store.Catalog, null), TaskScheduler.Default);

        await using var voice = await loader.VoiceAsync("en_US-tones-low", Cancellation);

        Assert.Equal(TinyPiper.Rate, Assert.Single(await voice.SynthesizeAsync("Hello!", "en", Cancellation).ToListAsync()).SampleRate);
        Assert.Equal(EspeakLibrary.SampleRate, Assert.Single(await voice.SynthesizeAsync("你好。", "zh", Cancellation).ToListAsync()).SampleRate);
        var found = LocalSpeech.Find(_folder / "models");
        Assert.Equal(["en_US-tones-low", "lonely"], found.Select(f => f.Name));
        Assert.Equal((null, true), (found[0].Problem, found[1].Problem is not null));
        Assert.Contains("Piper", found[0].Facts);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => loader.VoiceAsync("en_US-tones-high", Cancellation));
        Assert.Contains("en_US-tones-low", error.Message, StringComparison.Ordinal);
    }
}
