using Bunit;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls.Rerun;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Rerun;

namespace VoiceConsole.Tests.Web;

/// <summary>What a conversation is held with once more.</summary>
public sealed class RerunPiecesTests : PieceContext
{
    private static readonly ConversationOptions s_held = new() { Guard = new GuardOptions { Drift = false, Shape = false } };
    private static readonly LocalSpeech s_whisper = new(EngineKind.Recognizer, "/m/ggml-tiny.bin", "ggml-tiny", [], [], 1, null);
    private static readonly LocalSpeech s_piper = new(EngineKind.Voice, "/m/amy.onnx", "amy", ["en"], [], 1, null);
    private static readonly LocalModel s_model = new("/m/qwen.gguf", "qwen", "qwen2", "Q4_K_M", 4096, true, "", 1, 1, null);
    private static readonly LocalModel s_adapter = s_model with { File = "/m/lora.gguf", Name = "lora", IsAdapter = true };

    [Fact]
    public void EnginesOfTheRecording_AreFoundByTheirNames_AndThoseThatAreGoneAreNamed()
    {
        var here = Of("ggml-tiny", "qwen.gguf", "amy + espeak-ng");
        Assert.Equal(("/m/ggml-tiny.bin", "/m/qwen.gguf", "/m/amy.onnx,espeak-ng"), (here.Recognizer, here.Model, here.Voice));
        Assert.Empty(here.Missing);
        var usual = Of(EngineLoader.DefaultRecognizer, $"{EngineLoader.DefaultModel}.gguf", "flite-slt + espeak-ng");
        Assert.Equal((EngineLoader.DefaultRecognizer, null, null), (usual.Recognizer, usual.Model, usual.Voice));
        Assert.Empty(usual.Missing);

        var gone = Of("ggml-large", "lora.gguf", "bob + espeak-ng");
        Assert.Equal((null, null, null), (gone.Recognizer, gone.Model, gone.Voice));
        Assert.Equal(["ggml-large", "lora.gguf", "bob + espeak-ng"], gone.Missing);
    }

    [Fact]
    public void Form_SubmittedAsItStands_KeepsEveryLayerOfTheGuard_AndOffersNoAdapter()
    {
        RerunConfiguration? run = null;
        var form = Render<RerunForm>(p => p.Add(f => f.Start, Of("ggml-tiny", "qwen.gguf", "amy")).Add(f => f.Models, [s_model, s_adapter]).Add(f => f.Speech, [s_whisper, s_piper])
            .Add(f => f.Run, c => run = c).Add(f => f.Cancelled, () => { }));
        form.Find("form").Submit();

        Assert.Equal(s_held.Guard, run!.Options.Guard);
        Assert.Equal(("/m/ggml-tiny.bin", "/m/qwen.gguf"), (run.Recognizer, run.Model));
        Assert.DoesNotContain("lora", form.Markup, StringComparison.Ordinal);

        form.FindAll("select")[1].Change(EngineLoader.DefaultRecognizer);
        form.FindAll("input[type=checkbox]")[1].Change(true);
        form.Find("form").Submit();
        Assert.Equal((EngineLoader.DefaultRecognizer, true), (run.Recognizer, run.Options.Guard.Drift));
    }

    [Fact]
    public void Result_SaysWhatDiffers_LeavesTheRestOutWhenAsked_AndTellsWhatIsLookedAt()
    {
        List<RerunView> told = [];
        var (before, after) = (Held([.. SampleConversation.Turn(1), .. SampleConversation.Turn(2, "<i>two</i>")]), Held([.. SampleConversation.Turn(1), .. SampleConversation.Turn(2, "<b>too</b>\u202e")]));
        var shown = Render<RerunResult>(p => p.Add(r => r.Before, before).Add(r => r.After, after).Add(r => r.ViewChanged, told.Add));

        Assert.Equal("1 of 2 turns the same", shown.Find("#rerun-times [role=status]").TextContent);
        Assert.Equal(["None", "Transcript"], Differences());
        Assert.Equal(["<i>two</i>", "<b>too</b>\ufffd"], shown.FindAll("[data-differences=Transcript] .vc-user .vc-words").Select(w => w.TextContent));
        Assert.Empty(shown.FindAll("i, b"));
        Assert.Equal(["Recording", "What if"], shown.FindAll(".vc-lane-name").Select(n => n.TextContent));
        Assert.Equal(2, shown.FindAll("svg.vc-lane").Count);
        Assert.True(Button("Zoom out").HasAttribute("disabled"));

        shown.Find("input[type=checkbox]").Change(true);
        Assert.Equal(["Transcript"], Differences());
        Button("Zoom in").Click();
        Button("Earlier").Click();
        Assert.Equal([new(null, null, true), new(3.4375, 10.3125, true), new(0, 6.875, true)], told);
        Assert.True(Button("Earlier").HasAttribute("disabled"));

        // The page's answer is no newer than what was pressed meanwhile.
        shown.Render(p => p.Add(r => r.View, told[1]));
        Assert.Equal("0:00.0", shown.Find(".vc-ruler span").TextContent);
        var again = Render<RerunResult>(p => p.Add(r => r.Before, before).Add(r => r.After, after).Add(r => r.View, told[1]));
        Assert.Equal("0:03.4", again.Find(".vc-ruler span").TextContent);
        Assert.Single(again.FindAll("[data-differences]"));

        AngleSharp.Dom.IElement Button(string name) => shown.Find($"button[aria-label='{name}']");
        IEnumerable<string?> Differences() => shown.FindAll("[data-differences]").Select(d => d.GetAttribute("data-differences"));
    }

    [Fact]
    public void Result_OfManyTurns_ShowsThemAPageAtATime_AndOfNoneSaysSo()
    {
        var many = Held([.. Enumerable.Range(1, 45).SelectMany(i => SampleConversation.Turn(i))]);
        var shown = Render<RerunResult>(p => p.Add(r => r.Before, many).Add(r => r.After, Held([.. many.Events])));
        Assert.Equal((40, "40 of 45 shown"), (shown.FindAll("[data-differences]").Count, shown.Find("#rerun-turns small").TextContent));
        shown.Find(".vc-more").Click();
        Assert.Equal(45, shown.FindAll("[data-differences]").Count);
        Assert.Empty(shown.FindAll(".vc-more"));
        shown.Find("input[type=checkbox]").Change(true);
        Assert.Contains("Nothing differs.", shown.Markup, StringComparison.Ordinal);

        shown.Render(p => p.Add(r => r.Before, Held([])).Add(r => r.After, Held([])));
        Assert.Contains("Nobody said anything, in neither of them.", shown.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Result_OfAHostileRecording_HasNoMarkupOfIts()
    {
        var id = new TurnId(1);
        var hostile = Held([new TextTyped(id, 16_000, "<img src=x>"), new TurnFailed(id, 17_000, "<u>", "<s>it</s>", ""), new TurnCompleted(id, 18_000, "<em>failed</em>")]);
        var shown = Render<RerunResult>(p => p.Add(r => r.Before, hostile).Add(r => r.After, Held([])));
        Assert.Equal("only in the recording", shown.Find("[data-differences=Missing] .vc-chip-warn").TextContent);
        Assert.Contains("<em>failed</em>: <u>: <s>it</s>", shown.Find(".vc-pair-facts").TextContent, StringComparison.Ordinal);
        Assert.Empty(shown.FindAll("img, u, s, em"));
    }

    private static StoredConversation Held(TurnEvent[] events) => new(new ConversationRow { SampleRate = 16_000 }, [], events);

    private static RerunConfiguration Of(string recognizer, string model, string voice) => RerunConfiguration.Of(
        new StoredConversation(
            new ConversationRow { Canceller = "speex", Recognizer = recognizer, Model = model, Voice = voice }, [],
            [SampleConversation.Started(Guid.Empty, DateTimeOffset.UnixEpoch) with { Options = s_held }]),
        [s_model, s_adapter], [s_whisper, s_piper], new ConversationRequest());
}
