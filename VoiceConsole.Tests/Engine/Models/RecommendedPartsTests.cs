using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Models.Sources;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Models;

public class RecommendedPartsTests
{
    private const long Gigabyte = 1_000_000_000;

    [Theory]
    [InlineData("en", 16, 32, 500, "ggml-small qwen2.5-0.5b-instruct en_US-hfc_female-medium")]
    [InlineData("zh-CN", 4, 8, 500, "ggml-base qwen2.5-0.5b-instruct zh_CN-huayan-medium")]
    [InlineData("fr", 2, 8, 500, "ggml-tiny qwen2.5-0.5b-instruct")]
    [InlineData("en", 1, 8, 500, "ggml-tiny en_US-hfc_female-medium")]
    // Each would fit alone, and not all of them together.
    [InlineData("en", 2, 1.5, 500, "ggml-tiny en_US-hfc_female-medium")]
    [InlineData("en", 16, 32, 2.1, "ggml-small")]
    [InlineData("en", 16, 32, 1, "ggml-base en_US-hfc_female-medium")]
    [InlineData("en", 16, 0.5, 500, "")]
    public void Machine_IsOfferedWhatItCanBear(string language, int cores, double memory, double disk, string ids) =>
        Assert.Equal(ids, string.Join(' ', RecommendedParts.For(Parts.Store.Catalog, language, cores, (long)(memory * Gigabyte), (long)(disk * Gigabyte)).Select(p => p.Id)));

    [Fact]
    public async Task PartWithoutHash_IsFetchedOnlyByThoseWhoSaySo()
    {
        using var home = new TempFolder();
        var catalog = new ModelCatalog([Unverified with { Optional = true }]);
        var store = new ModelStore(new ConsolePaths(home.Path), catalog, _ => new OneFile());

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => store.RequireAsync("voice", null, TestContext.Current.CancellationToken));
        var part = await store.RequireAsync("voice", null, TestContext.Current.CancellationToken, unverified: true);

        Assert.Contains("--unverified", error.Remedy, StringComparison.Ordinal);
        Assert.Equal("sound", await File.ReadAllTextAsync(Path.Combine(part.Folder, "voice.onnx"), TestContext.Current.CancellationToken));
        Assert.Empty(await store.VerifyAsync("voice", TestContext.Current.CancellationToken));
        await File.WriteAllTextAsync(Path.Combine(part.Folder, "voice.onnx"), "noise", TestContext.Current.CancellationToken);
        Assert.NotEmpty(await store.VerifyAsync("voice", TestContext.Current.CancellationToken));
    }

    [Fact]
    public void PartWithoutHash_ThatNobodyAsksFor_IsNoCatalogue()
    {
        using var home = new TempFolder();
        var file = home / "catalog.json";
        File.WriteAllText(file, """{"parts":[{"id":"voice","kind":"tts","name":"A voice","licence":"MIT","source":"https","archives":[{"package":"https://example.org/voice.onnx","version":"","sha256":"","size":5}]}]}""");

        Assert.Contains("names no archive with a SHA-256", Assert.Throws<InvalidDataException>(() => ModelCatalog.Read(file)).Message, StringComparison.Ordinal);
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"https\",", "\"https\",\"optional\":true,", StringComparison.Ordinal));
        Assert.False(ModelCatalog.Read(file).Find("voice").IsVerified);
    }

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

    private static CatalogPart Unverified => new("voice", "tts", "A voice", "MIT", PartSource.Https, [new PartArchive("https://example.org/voice.onnx", "", "", 5)]);

    private sealed class OneFile : IPartSource
    {
        public async Task<IReadOnlyList<FetchedArchive>> FetchAsync(CatalogPart part, string folder, Action<long> fetched, CancellationToken cancellationToken)
        {
            var file = Path.Combine(folder, "voice.onnx");
            await File.WriteAllTextAsync(file, "sound", cancellationToken);
            return [new FetchedArchive(file, "", part.Archives[0].Sha256)];
        }
    }
}
