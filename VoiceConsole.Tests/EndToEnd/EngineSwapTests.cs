using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;

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
        var voice = TinyPiper.Write(folder, "zh_CN-tones-low", change: json => (json["espeak"]!["voice"], json["language"]!["code"]) = ("cmn", "zh_CN"));
        var ears = TinySherpa.WriteSenseVoice(folder, "ears", "多", "谢");
        await using var session = await new ConversationFactory(Parts.Store, new ConsolePaths(folder.Path)).CreateSessionAsync(
            new ConversationRequest
            {
                Device = "room",
                Room = "headphones",
                Canceller = "none",
                VirtualTime = true,
                Microphone = await FliteUser.RecordAsync(folder, ("Good morning to you.", 8), ("Thank you very much.", 8)),
                Recognizer = TinySherpa.WriteSenseVoice(folder, "first", "你", "好"),
                Options = new ConversationOptions { Language = "zh", MaxReplyTokens = 40, Record = false },
            },
            null, TestContext.Current.CancellationToken);
        using var subscription = session.Events.SubscribeLossless();
        var asked = new List<Task>();
        using var timer = session.Loop.Time.CreateTimer(_ =>
        {
            asked.Add(session.SwapAsync(EngineKind.Voice, voice, freeFirst: false, CancellationToken.None));
            asked.Add(session.SwapAsync(EngineKind.Recognizer, ears, freeFirst: false, CancellationToken.None));
        }, null, TimeSpan.FromSeconds(3.5), Timeout.InfiniteTimeSpan);

        session.Start();
        await session.Completion;
        await Task.WhenAll(asked);

        var events = new List<TurnEvent>();
        while (subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        Assert.Equal(["你好", "多谢"], events.OfType<TranscriptCompleted>().Select(t => t.Text));
        Assert.Equal(["answered", "answered"], events.OfType<TurnCompleted>().Select(t => t.Outcome));
        Assert.Equal(2, events.OfType<EngineSwapped>().Count());
        var heard = events.OfType<PlaybackFinished>().Select(p => p.HeardText).ToList();
        Assert.All(heard, text => Assert.Contains(text, SpokenLanguage.IsHan));
        Assert.Equal(["flite-slt + espeak-ng", "zh_CN-tones-low + espeak-ng"], events.OfType<SynthesisStarted>().Select(s => s.Voice).Distinct());
        Assert.Equal(2, events.OfType<SynthesisStarted>().Select(s => (s.Turn, s.Voice)).Distinct().Count());
    }

    [Fact]
    public async Task EveryKindOfEngine_SwappedOverAndOver_NoTurnIsLost()
    {
        const int Swaps = 36;
        foreach (var part in new[] { "silero-vad", "flite", "espeak-ng", "pocketsphinx", "llama", "sherpa-onnx" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        var model = TinyLlama.Require(folder);
        string[] voices = [TinyPiper.Write(folder, "one"), TinyPiper.Write(folder, "many", speakers: 3), TinySherpa.WriteVits(folder, "vits"), "flite-slt", "espeak-ng"];
        string[] ears = [TinySherpa.WriteSenseVoice(folder, "sense"), TinySherpa.WriteTransducer(folder, "zip"), "pocketsphinx-en-us", TinySherpa.WriteSenseVoice(folder, "other", "▁yes")];
        var lines = Enumerable.Repeat(("What is the time?", 4.0), 9).ToArray();
        await using var session = await new ConversationFactory(Parts.Store, new ConsolePaths(folder.Path)).CreateSessionAsync(
            new ConversationRequest
            {
                Device = "room",
                Room = "headphones",
                Canceller = "none",
                VirtualTime = true,
                Microphone = await FliteUser.RecordAsync(folder, lines),
                LanguageModel = model,
                Options = new ConversationOptions { MaxReplyTokens = 12, Record = false },
            },
            null, TestContext.Current.CancellationToken);
        using var subscription = session.Events.SubscribeLossless();
        var made = 0;
        using var timer = session.Loop.Time.CreateTimer(_ =>
        {
            if (made >= Swaps)
                return;
            var (kind, id) = (made++ % 3) switch
            {
                0 => (EngineKind.Voice, voices[made / 3 % voices.Length]),
                1 => (EngineKind.Recognizer, ears[made / 3 % ears.Length]),
                _ => (EngineKind.LanguageModel, model),
            };
            _ = session.SwapAsync(kind, id, freeFirst: false, CancellationToken.None);
        }, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.1));

        session.Start();
        await session.Completion;

        var events = new List<TurnEvent>();
        while (subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        Assert.Equal(Swaps, events.OfType<EngineSwapped>().Count());
        Assert.Empty(events.OfType<EngineSwapFailed>());
        Assert.Empty(events.OfType<TurnFailed>());
        Assert.True(events.OfType<SynthesisStarted>().Select(s => s.Voice).Distinct().Count() >= 4);
        // Two engines of one kind never speak in one turn.
        Assert.All(events.OfType<SynthesisStarted>().GroupBy(s => s.Turn), t => Assert.Single(t.Select(s => s.Voice).Distinct()));
    }
}
