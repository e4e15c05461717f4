using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training;

namespace VoiceConsole.Web.Commands.Train;

/// <summary><c>train default</c>: the console's own chat model, made again from its seed.</summary>
internal static class DefaultCommand
{
    public static Command Build()
    {
        var output = new Option<string>("--out") { Description = "The file to write, inside models/.", DefaultValueFactory = _ => $"{ChatModelRecipe.Name}.gguf" };
        var threads = new Option<int>("--threads") { Description = "Processor threads; with another number the weights may differ in their last digits.", DefaultValueFactory = _ => 1 };
        var json = CommandRun.JsonOption();
        var command = new Command("default", """
            Makes the console's own chat model from its seed: collects and cleans the data, begins with random weights, teaches them and
            stores them in 8 bits. Ctrl+C stops it; the same command goes on from the last checkpoint.

            Example:
              train default --out again.gguf
            """) { output, threads, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var file = ModelFile.ToWrite(paths, parsed.GetValue(output)!);
            var part = await new ModelStore(paths).RequireAsync("llama", null, cancellationToken);
            var state = await new ChatModelRecipe(paths, part.Folders, TimeProvider.System).MakeAsync(file, parsed.GetValue(threads), new TrainProgress(), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(new { state.Step, state.BestLoss, state.BestStep, model = file });
            else
                Console.Out.WriteLine($"{file}: best validation loss {state.BestLoss:0.000} at step {state.BestStep} of {state.Step}. See what it can do with 'train evaluate'.");
            return ExitCode.Ok;
        });
        return command;
    }
}
