using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Export;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>A Llama with random weights in the shape of the smallest model that people talk to (24 blocks, Qwen2.5-0.5B's but for its vocabulary), quantised to Q8_0: as fast as a real one. Gone after the run.</summary>
internal sealed class BenchModel : IDisposable
{
    private const int Joined = 16_000;

    private readonly BenchFolder _folder;

    public BenchModel(ConsolePaths paths, IReadOnlyList<string> folders)
    {
        _folder = new BenchFolder(paths);
        var wide = _folder.File("wide.gguf");
        File = _folder.File("random-0.4b-q8_0.gguf");
        try
        {
            Console.Error.WriteLine("Making a random Llama of 0.4 billion weights, which takes 2 GB of disk for a while");
            var characters = Enumerable.Range('a', 26).Select(c => $"{(char)c}").Append("▁");
            RandomLlama.Write(wide, "random", "CC0-1.0", new LlamaShape(896, 4864, 24, 14, 2, 4096), Vocabulary.Of([.. characters], [.. Enumerable.Range(0, Joined).Select(i => $"#{i}")]), seed: 1);
            Quantizer.Write(wide, File, WeightFormat.Q80, Environment.ProcessorCount, folders);
            System.IO.File.Delete(wide);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string File { get; }

    public void Dispose() => _folder.Dispose();
}
