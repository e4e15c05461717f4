using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.HuggingFace;
using VoiceConsole.Web.Commands.Train;

namespace VoiceConsole.Web.Commands;

/// <summary><c>models convert</c>: a model as Hugging Face's library keeps it, as a GGUF file.</summary>
internal static class ConvertCommand
{
    public static Command Build()
    {
        var folder = new Argument<string>("DIR") { Description = "Holds config.json, tokenizer.json and model.safetensors, or several of these and their index." };
        var output = new Option<string?>("--out") { Description = "The file to write, inside models/; by default named after the folder." };
        var wide = new Option<bool>("--f32") { Description = "Widen all weights to F32, as 'train finetune' wants those of BF16." };
        var json = CommandRun.JsonOption();
        var command = new Command("convert", """
            Turns a model of the Llama or Qwen2 family from safetensors into a GGUF file in models/. Weights keep their type (F32, F16, BF16).

            Example:
              models convert ~/Qwen2.5-0.5B-Instruct --out qwen.gguf
            """) { folder, output, wide, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var from = Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetValue(folder)!));
            var file = ModelFile.ToWrite(ConsolePaths.Find(), parsed.GetValue(output) ?? $"{Path.GetFileName(from)}.gguf");
            await Task.Run(() => HuggingFaceConverter.Convert(from, file, parsed.GetValue(wide), cancellationToken), cancellationToken);
            var bytes = new FileInfo(file).Length;
            if (parsed.GetValue(json))
                CommandRun.Print(new { file, bytes });
            else
                Console.Out.WriteLine($"{file}: {bytes / 1e6:N1} MB");
            return ExitCode.Ok;
        });
        return command;
    }
}
