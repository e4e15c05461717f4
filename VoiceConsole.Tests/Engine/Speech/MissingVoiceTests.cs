using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Speech;

public class MissingVoiceTests
{
    [Fact]
    public async Task VoiceForOtherLanguages_ThatCannotBeHad_LeavesEnglishAsItIs()
    {
        using var home = new TempFolder();
        await Parts.FoldersAsync("flite");
        Directory.CreateDirectory(home / "models");
        foreach (var there in new[] { "flite", "alsa" })
            Directory.CreateSymbolicLink(home / $"models/{there}", Path.Combine(ConsolePaths.Find().Models, there));
        var catalog = new ModelCatalog([.. Parts.Store.Catalog.Parts.Select(p => p.Id == "espeak-ng" ? p with { Platform = "plan9-x64" } : p)]);
        var loader = new EngineLoader(new ModelStore(new ConsolePaths(home.Path), catalog, null), TaskScheduler.Default);

        await using var voice = await loader.VoiceAsync(null, TestContext.Current.CancellationToken);

        Assert.Equal("flite-slt + espeak-ng (missing)", voice.Id);
        var samples = 0;
        await foreach (var audio in voice.SynthesizeAsync("Good morning.", "en", TestContext.Current.CancellationToken))
            samples += audio.Samples.Length;
        Assert.True(samples > 4000);
        var error = await Assert.ThrowsAsync<ModelUnavailableException>(async () =>
        {
            await foreach (var audio in voice.SynthesizeAsync("早上好。", "zh", TestContext.Current.CancellationToken))
                Assert.Fail("There is no such voice.");
        });
        Assert.Contains("plan9-x64", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Remedy);
    }
}
