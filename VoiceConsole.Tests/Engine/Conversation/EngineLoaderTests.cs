using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Conversation;

public class EngineLoaderTests
{
    private static readonly EngineLoader s_loader = new(Parts.Store, TaskScheduler.Default);

    [Theory]
    [InlineData(null)]
    [InlineData("voiceconsole-chat")]
    public async Task ModelByItsId_IsLoaded(string? id)
    {
        await Parts.FoldersAsync("voiceconsole-chat");

        var (model, name) = await s_loader.ModelAsync(id, TestContext.Current.CancellationToken);
        model.Dispose();

        Assert.Equal("voiceconsole-chat.gguf", name);
    }

    [Theory]
    [InlineData("ggml-tiny")]
    [InlineData("llama")]
    [InlineData("flite")]
    public async Task PartThatIsNoLanguageModel_IsRefusedBeforeItIsFetched_AndThoseThatAreAreNamed(string id)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => s_loader.ModelAsync(id, TestContext.Current.CancellationToken));

        Assert.Matches($"^'{id}' is no language model. There are: voiceconsole-chat, qwen", error.Message);
    }

    [Fact]
    public async Task FileThatIsNotThere_IsNamedWithWhatThereIs()
    {
        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => s_loader.ModelAsync("nowhere.gguf", TestContext.Current.CancellationToken));

        Assert.Contains("'nowhere.gguf'", error.Message, StringComparison.Ordinal);
        Assert.Contains("voiceconsole-chat", error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "voiceconsole-chat")]
    [InlineData("some.gguf", null, "")]
    [InlineData("voiceconsole-chat", "http://localhost:8080", "voiceconsole-chat")]
    [InlineData("http://localhost:8080", "qwen2.5-0.5b-instruct", "qwen2.5-0.5b-instruct")]
    public void ModelsByTheirIds_AreAmongThePartsOfARequest(string? model, string? fallback, string expected) => Assert.Equal(
        expected,
        string.Join(' ', EngineLoader.PartsOf(new ConversationRequest { LanguageModel = model, FallbackModel = fallback }, Parts.Store.Catalog)
            .Where(p => p.Needs?.Contains(EngineLoader.LocalModels) == true).Select(p => p.Id)));
}
