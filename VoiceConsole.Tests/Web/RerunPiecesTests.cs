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

    private static RerunConfiguration Of(string recognizer, string model, string voice) => RerunConfiguration.Of(
        new StoredConversation(
            new ConversationRow { Canceller = "speex", Recognizer = recognizer, Model = model, Voice = voice }, [],
            [SampleConversation.Started(Guid.Empty, DateTimeOffset.UnixEpoch) with { Options = s_held }]),
        [s_model, s_adapter], [s_whisper, s_piper], new ConversationRequest());
}
