using VoiceConsole.Engine;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Export;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Engine.Training.Gguf;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training;

/// <summary>The way to the console's own model, walked with a toy in place of it.</summary>
public sealed class ChatModelRecipeTests : IDisposable
{
    private static readonly ChatModelPlan s_toy = new(
        new LlamaShape(32, 48, 1, 2, 2, 256), 1800, 1, [new(Seed: 1, Bytes: 40_000, Rate: 2e-3, CheckpointSteps: 10), new(Seed: 2, Bytes: 30_000, Rate: 1e-3, CheckpointSteps: 10)]);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ToyPlan_MadeTwice_OnceWithAStop_SameFileWithCardAndLicence()
    {
        var folders = await Parts.FoldersAsync("llama");
        using var stop = new CancellationTokenSource();

        var state = await Recipe("through", folders).MakeAsync(_folder / "through.gguf", 1, null, TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Recipe("stopped", folders).MakeAsync(_folder / "stopped.gguf", 1, new StopAt(12, stop), stop.Token));
        Assert.False(File.Exists(_folder / "stopped.gguf"));
        await Recipe("stopped", folders).MakeAsync(_folder / "stopped.gguf", 1, null, TestContext.Current.CancellationToken);

        Assert.True(state.IsDone);
        Assert.True(File.ReadAllBytes(_folder / "through.gguf").AsSpan().SequenceEqual(File.ReadAllBytes(_folder / "stopped.gguf")));
        var head = GgufReader.Read(_folder / "through.gguf");
        Assert.Equal(("toy", "CC0-1.0"), (head.Text("general.name"), head.Text("general.license")));
        Assert.Equal(["en", "zh"], head.Texts("general.languages"));
        Assert.Equal(["own"], head.Texts("general.datasets"));
        Assert.Contains("Limits", head.Text(ModelCard.TextKey), StringComparison.Ordinal);
        using var model = new LlamaModel(_folder / "through.gguf", folders);
        Assert.Equal(Vocabulary.ChatTemplate, model.Template);
    }

    [Fact]
    public void CommittedModel_HasItsCardInItsHead()
    {
        var models = ConsolePaths.Find().Models;

        var head = GgufReader.Read(Path.Combine(models, $"{ChatModelRecipe.Name}.gguf"));

        Assert.Equal(File.ReadAllText(Path.Combine(models, $"{ChatModelRecipe.Name}.md")), head.Text(ModelCard.TextKey));
        Assert.Equal("CC0-1.0", head.Text("general.license"));
        Assert.InRange(new FileInfo(Path.Combine(models, $"{ChatModelRecipe.Name}.gguf")).Length, 1, 16_000_000);
    }

    private ChatModelRecipe Recipe(string name, string[] folders)
    {
        Directory.CreateDirectory(_folder / $"{name}/models");
        File.WriteAllText(_folder / $"{name}/models/{ChatModelRecipe.Name}.md", "# toy\nA toy.\n\n## Limits\nAll.\n");
        return new ChatModelRecipe(new ConsolePaths(_folder / name), folders, TimeProvider.System, s_toy);
    }

    private sealed class StopAt(int step, CancellationTokenSource stop) : IProgress<FineTuneProgress>
    {
        public void Report(FineTuneProgress value)
        {
            if (value.Step == step)
                stop.Cancel();
        }
    }
}
