using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench;
using VoiceConsole.Web.Commands.Bench.Tiny;

namespace VoiceConsole.Tests.Web;

public sealed class EngineMeterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(EngineKind.Voice, "flite-slt", "flite")]
    [InlineData(EngineKind.Voice, "piper", "espeak-ng")]
    [InlineData(EngineKind.Recognizer, "ggml-tiny", "whisper")]
    [InlineData(EngineKind.LanguageModel, "llama", "llama")]
    public async Task Engine_IsMeasuredBesideTheBareOne(EngineKind kind, string name, string part)
    {
        await Parts.FoldersAsync(part);
        await Parts.FoldersAsync("flite");
        await Parts.FoldersAsync("espeak-ng");
        var id = name switch
        {
            "piper" => TinyPiper.Write(_folder.Path, name),
            "ggml-tiny" => TinyWhisper.Write(_folder.Path, name),
            "llama" => TinyModel.Write(_folder.Path, name, seed: 1),
            _ => name,
        };

        var figures = await new EngineMeter(Parts.Store, "en", rounds: 1).MeasureAsync(kind, id, name, TestContext.Current.CancellationToken);

        Assert.Null(figures.Problem);
        Assert.True((figures.RealTimeFactor ?? figures.TokensPerSecond) > 0);
        Assert.True(figures.Bare > 0);
        Assert.True(figures.Overhead < 1);
        Assert.Contains(figures.Facts, f => f.Contains("by the bare engine", StringComparison.Ordinal));
        Assert.Contains(figures.Facts, f => f.StartsWith("loaded in", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EngineThatIsNone_IsToldInItsFigures()
    {
        var file = _folder / "none.gguf";
        await File.WriteAllTextAsync(file, "no model", TestContext.Current.CancellationToken);

        var figures = await new EngineMeter(Parts.Store, "en", rounds: 1).MeasureAsync(EngineKind.LanguageModel, file, "none", TestContext.Current.CancellationToken);

        Assert.Contains("is not a GGUF file", figures.Problem, StringComparison.Ordinal);
        Assert.Empty(figures.Facts);
    }
}
