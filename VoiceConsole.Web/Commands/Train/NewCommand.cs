using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Datasets;

namespace VoiceConsole.Web.Commands.Train;

/// <summary><c>train new</c>: a Llama with random weights and a vocabulary learnt from a data set.</summary>
internal static class NewCommand
{
    public static Command Build()
    {
        var dataset = new Option<string>("--dataset") { Description = "The data set that its vocabulary is learnt from.", Required = true };
        var output = new Option<string>("--out") { Description = "The file to write, inside models/.", Required = true };
        var width = new Option<int>("--width") { Description = "Values of a token's embedding.", DefaultValueFactory = _ => 256 };
        var hidden = new Option<int>("--hidden") { Description = "Values of a feed-forward layer.", DefaultValueFactory = _ => 768 };
        var layers = new Option<int>("--layers") { Description = "Blocks.", DefaultValueFactory = _ => 6 };
        var heads = new Option<int>("--heads") { Description = "Attention heads.", DefaultValueFactory = _ => 8 };
        var keyHeads = new Option<int>("--key-heads") { Description = "Heads of keys and values.", DefaultValueFactory = _ => 4 };
        var context = new Option<int>("--context") { Description = "Tokens it looks back on.", DefaultValueFactory = _ => 512 };
        var vocabulary = new Option<int>("--vocabulary") { Description = "Tokens.", DefaultValueFactory = _ => 3072 };
        var seed = new Option<int>("--seed") { Description = "Of the weights.", DefaultValueFactory = _ => 1 };
        var plan = new Option<bool>("--plan") { Description = "Let it plan its replies: it learns to name the tag of what it was asked, by a token nobody sees, before it answers." };
        var json = CommandRun.JsonOption();
        var command = new Command("new", """
            A Llama with random weights and a vocabulary learnt from a data set, to be taught with 'train finetune'.

            Example:
              train new --dataset own --out models/mine-f32.gguf --width 256 --layers 6
            """) { dataset, output, width, hidden, layers, heads, keyHeads, context, vocabulary, seed, plan, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var file = ModelFile.ToWrite(paths, parsed.GetValue(output)!);
            var shape = new LlamaShape(
                parsed.GetValue(width), parsed.GetValue(hidden), parsed.GetValue(layers), parsed.GetValue(heads), parsed.GetValue(keyHeads), parsed.GetValue(context));
            var (tokens, weights) = await NewModel.WriteAsync(
                DatasetFolder.Require(paths, parsed.GetValue(dataset)!), file, shape, parsed.GetValue(vocabulary), parsed.GetValue(seed), parsed.GetValue(plan), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(new { file, tokens, weights });
            else
                Console.Out.WriteLine($"{file}: {weights:N0} weights, {tokens:N0} tokens");
            return ExitCode.Ok;
        });
        return command;
    }
}
