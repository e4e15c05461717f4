using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Export;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>A Llama of a usual shape with random weights, quantised to Q8_0: as fast as a real one. Gone after the run.</summary>
internal sealed class BenchModel : IDisposable
{
    private const int Joined = 16_000;

    private readonly BenchFolder _folder;

    public BenchModel(ConsolePaths paths, IReadOnlyList<string> folders)
    {
        _folder = new BenchFolder(paths);
        var wide = _folder.File("wide.gguf");
        File = _folder.File("random-0.1b-q8_0.gguf");
        try
        {
            Console.Error.WriteLine("Making a random Llama of 0.1 billion weights");
            var characters = Enumerable.Range('a', 26).Select(c => $"{(char)c}").Append("▁");
            RandomLlama.Write(wide, "random", "CC0-1.0", new LlamaShape(768, 2048, 14, 12, 4, 4096), Vocabulary.Of([.. characters], [.. Enumerable.Range(0, Joined).Select(i => $"#{i}")]), seed: 1);
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
