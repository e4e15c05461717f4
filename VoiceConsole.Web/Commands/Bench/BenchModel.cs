using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Export;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>A Llama with random weights in the shape of a small model that people talk to (Qwen2.5's but for its vocabulary), quantised to Q8_0: as fast as a real one. Gone after the run.</summary>
internal sealed class BenchModel : IDisposable
{
    private const int Joined = 16_000;

    private static readonly Dictionary<string, LlamaShape> s_shapes = new()
    {
        ["0.5b"] = new(896, 4864, 24, 14, 2, 4096),
        ["1.5b"] = new(1536, 8960, 28, 12, 2, 4096),
    };

    private readonly BenchFolder _folder;

    /// <param name="paths">Where the run's files go.</param>
    /// <param name="folders">Of the part "llama".</param>
    /// <param name="size">One of <see cref="Sizes"/>.</param>
    public BenchModel(ConsolePaths paths, IReadOnlyList<string> folders, string size)
    {
        _folder = new BenchFolder(paths);
        var wide = _folder.File("wide.gguf");
        File = _folder.File($"random-{size}-q8_0.gguf");
        try
        {
            Console.Error.WriteLine($"Making a random Llama in the shape of a model of {size}, which takes some GB of disk for a while");
            var characters = Enumerable.Range('a', 26).Select(c => $"{(char)c}").Append("▁");
            RandomLlama.Write(wide, "random", "CC0-1.0", s_shapes[size], Vocabulary.Of([.. characters], [.. Enumerable.Range(0, Joined).Select(i => $"#{i}")]), seed: 1);
            Quantizer.Write(wide, File, WeightFormat.Q80, Environment.ProcessorCount, folders);
            System.IO.File.Delete(wide);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static IReadOnlyCollection<string> Sizes => s_shapes.Keys;

    public string File { get; }

    public void Dispose() => _folder.Dispose();
}
