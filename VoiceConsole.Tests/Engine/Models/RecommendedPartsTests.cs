using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Models;

public class RecommendedPartsTests
{
    private const long Gigabyte = 1_000_000_000;

    [Theory]
    [InlineData(16, 32, 500, "ggml-small qwen2.5-0.5b-instruct")]
    [InlineData(4, 8, 500, "ggml-base qwen2.5-0.5b-instruct")]
    [InlineData(2, 8, 500, "ggml-tiny qwen2.5-0.5b-instruct")]
    [InlineData(16, 32, 1, "ggml-base")]
    [InlineData(1, 8, 500, "ggml-tiny")]
    [InlineData(16, 0.5, 500, "")]
    public void Machine_IsOfferedWhatItCanBear(int cores, double memory, double disk, string ids) =>
        Assert.Equal(ids, string.Join(' ', RecommendedParts.For(Parts.Store.Catalog, cores, (long)(memory * Gigabyte), (long)(disk * Gigabyte)).Select(p => p.Id)));

    [Fact]
    public void WhatIsOnlyOnOffer_IsFetchedByNobodyWhoDoesNotAsk()
    {
        var needed = EngineLoader.PartsOf(new ConversationRequest { Device = "room" }, Parts.Store.Catalog);

        Assert.DoesNotContain(needed, p => p.Optional || p.Id is "whisper" or "sherpa-onnx");
        Assert.Contains(Parts.Store.Catalog.Parts, p => p.Optional);
    }

    [Theory]
    [InlineData("ggml-base", "ggml-base silero-vad whisper")]
    [InlineData("/somewhere/ggml-medium.bin", "silero-vad")]
    public void Recogniser_BringsThePartsItNeeds(string recognizer, string parts) =>
        Assert.Equal(parts, string.Join(' ', EngineLoader.PartsOf(new ConversationRequest { Device = "wav", Recognizer = recognizer, Canceller = "none", Voice = "no-such", LanguageModel = "http://localhost:1" }, Parts.Store.Catalog).Select(p => p.Id).Order()));
}
