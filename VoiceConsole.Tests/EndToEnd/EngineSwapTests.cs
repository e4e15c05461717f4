using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench;
using VoiceConsole.Web.Commands.Bench.Tiny;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>Engines dropped in and swapped while the console talks; every one of them is real, the models small.</summary>
public class EngineSwapTests
{
    [Fact]
    public async Task MandarinIsHeardAnsweredAndSpoken_AndEveryEngineIsReplacedInMidReply()
    {
        foreach (var part in new[] { "silero-vad", "flite", "espeak-ng", "voiceconsole-chat", "sherpa-onnx" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        var voice = TinyPiper.Write(folder.Path, "zh_CN-tones-low", change: json => (json["espeak"]!["voice"], json["language"]!["code"]) = ("cmn", "zh_CN"));
        // The console's own by another name: it answers in Mandarin.
        var model = folder / "other.gguf";
        File.Copy(Directory.EnumerateFiles((await Parts.FoldersAsync("voiceconsole-chat"))[0], "*.gguf").Single(), model);
        var ears = TinySherpa.WriteSenseVoice(folder.Path, "ears", "多", "谢");
        await using var session = await new ConversationFactory(Parts.Store, new ConsolePaths(folder.Path)).CreateSessionAsync(
            new ConversationRequest
            {
                Device = "room",
                Room = "headphones",
                Canceller = "none",
                VirtualTime = true,
                Microphone = RecordMandarin(folder, silence: 8),
                // It reads the same in all it hears: what is tried is its way through the console, not its ear.
                Recognizer = TinySherpa.WriteSenseVoice(folder.Path, "first", "你", "好"),
                Options = new ConversationOptions { Language = "zh", MaxReplyTokens = 40, Record = false },
            },
            null, TestContext.Current.CancellationToken);
        using var subscription = session.Events.SubscribeLossless();
        var asked = new List<Task>();
        using var timer = session.Loop.Time.CreateTimer(_ =>
        {
            if (session.State != ConversationState.Speaking || asked.Count > 0)
                return;
            asked.Add(session.SwapAsync(EngineKind.Voice, voice, freeFirst: false, CancellationToken.None));
            asked.Add(session.SwapAsync(EngineKind.Recognizer, ears, freeFirst: false, CancellationToken.None));
            asked.Add(session.SwapAsync(EngineKind.LanguageModel, model, freeFirst: false, CancellationToken.None));
        }, null, TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(0.1));

        session.Start();
        await session.Completion;
        await Task.WhenAll(asked);

        var events = new List<TurnEvent>();
        while (subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        Assert.Equal(["你好", "多谢"], events.OfType<TranscriptCompleted>().Select(t => t.Text));
        Assert.Equal(["answered", "answered"], events.OfType<TurnCompleted>().Select(t => t.Outcome));
        var swapped = events.OfType<EngineSwapped>().ToList();
        Assert.Equal(["Voice", "Recognizer", "LanguageModel"], swapped.Select(s => s.Kind));
        Assert.All(swapped, s => Assert.InRange(s.Position, events.OfType<PlaybackStarted>().First().Position, events.OfType<PlaybackFinished>().First().Position));
        Assert.Equal(2, events.OfType<GenerationStarted>().Select(g => g.Model).Distinct().Count());
        Assert.Equal("other.gguf", events.OfType<GenerationStarted>().Last().Model);
        var heard = events.OfType<PlaybackFinished>().Select(p => p.HeardText).ToList();
        Assert.All(heard, text => Assert.Contains(text, SpokenLanguage.IsHan));
        Assert.Equal(["flite-slt + espeak-ng", "zh_CN-tones-low + espeak-ng"], events.OfType<SynthesisStarted>().Select(s => s.Voice).Distinct());
        Assert.Equal(2, events.OfType<SynthesisStarted>().Select(s => (s.Turn, s.Voice)).Distinct().Count());
    }

    // Read Mandarin, twice.
    private static string RecordMandarin(TempFolder folder, int silence)
    {
        var speech = WavReader.ReadAll(TestData.Require("speech/aishell-BAC009S0724W0121.wav"), 16_000);
        var file = folder / "user.wav";
        WavWriter.WriteAll(file, [.. speech, .. new float[silence * 16_000], .. speech, .. new float[silence * 16_000]], 16_000);
        return file;
    }

    [Fact]
    public async Task EveryKindOfEngine_SwappedOverAndOver_NothingIsLost()
    {
        const int Swaps = 30;
        foreach (var part in new[] { "silero-vad", "flite", "espeak-ng", "pocketsphinx", "voiceconsole-chat", "sherpa-onnx", "whisper" })
            await Parts.FoldersAsync(part);

        var result = await SwapsBench.RunAsync(
            ConsolePaths.Find(), new ConversationRequest { Device = "room", Room = "headphones", Canceller = "none" }, Swaps, [], TestContext.Current.CancellationToken);

        Assert.Equal([10, 10, 10], result.Swaps.Values);
        Assert.Equal((0, 0, 0, 0, 0L), (result.SwapsFailed, result.Unheard, result.TurnsLost, result.TurnsMixed, result.FramesLost));
        Assert.True(result.Spoken > 5);
        Assert.InRange(result.Turns.GetValueOrDefault("answered") + result.Turns.GetValueOrDefault("interrupted"), 4, result.Spoken + 1);
        Assert.True(result.IsGood);
    }

    [Theory]
    [InlineData(0, 0, 0, 0, true)]
    [InlineData(1, 0, 0, 0, false)]
    [InlineData(0, 1, 0, 0, false)]
    [InlineData(0, 0, 1, 0, false)]
    [InlineData(0, 0, 0, 5, false)]
    public void SwapsWithLosses_AreNotGood(int unheard, int unended, int overruns, int growth, bool isGood)
    {
        var events = new List<TurnEvent> { new EngineSwapped(0, "Voice", "a", "b", 1, 1), new DeviceChanged(0, "Running", 0, overruns, null) };
        for (var turn = 1; turn <= 3 - unheard; turn++)
        {
            events.Add(new SpeechStarted(new TurnId(turn), 0, turn * 100_000));
            if (turn > unended)
                events.Add(new TurnCompleted(new TurnId(turn), 0, "answered"));
        }

        var result = SwapsResult.Of(1, events, [(100_000, 110_000), (200_000, 210_000), (300_000, 310_000)], [1, 100, 100, 100, 100, 100 + growth, 100 + growth], default);

        Assert.Equal(isGood, result.IsGood);
        Assert.Equal((unheard, unended), (result.Unheard, result.TurnsLost));
    }
}
