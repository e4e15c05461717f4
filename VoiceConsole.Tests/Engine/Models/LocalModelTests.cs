using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training.Gguf;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Models;

public sealed class LocalModelTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ModelInSeveralFiles_IsOne_WithTheBytesOfAll()
    {
        foreach (var number in new[] { 1, 2, 3 })
            Write($"large-{number:00000}-of-00003.gguf", "llama", 15);
        Write("other.gguf", "llama", 30);

        var found = LocalModel.Find(_folder.Path, 512);

        Assert.Equal(["large-00001-of-00003.gguf", "other.gguf"], found.Select(f => Path.GetFileName(f.File)));
        Assert.Equal([("Q4_K_M", null), ("IQ4_XS", (string?)null)], found.Select(f => (f.Quantisation, f.Problem)));
        Assert.Equal(found[0].Bytes, 3 * found[1].Bytes);
        Assert.True(found[0].MemoryBytes > found[1].MemoryBytes);
    }

    [Fact]
    public void ModelWithAFileMissing_SaysWhich()
    {
        Write("large-00001-of-00002.gguf", "llama", 15);

        Assert.Contains("large-00002-of-00002.gguf is not beside it", Assert.Single(LocalModel.Find(_folder.Path, 512)).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clip", "the eye of a vision model")]
    [InlineData("nomic-bert", "a model for embeddings")]
    public void FileThatWritesNoText_IsNoLanguageModel(string family, string what)
    {
        Write("any.gguf", family, 1);

        Assert.Contains(what, Assert.Single(LocalModel.Find(_folder.Path, 512)).Problem, StringComparison.Ordinal);
    }

    private void Write(string name, string family, uint type)
    {
        var gguf = new GgufWriter();
        gguf.Add("general.architecture", family);
        gguf.Add("general.file_type", type);
        gguf.AddTensor("token_embd.weight", new float[4], 4);
        gguf.Write(_folder / name);
    }
}
