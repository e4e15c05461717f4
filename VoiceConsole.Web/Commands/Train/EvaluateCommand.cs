using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Own;
using VoiceConsole.Engine.Training.Evaluate;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Web.Commands.Train;

/// <summary><c>train evaluate</c>: held-out loss, and the share of held-out prompts that a model answers acceptably.</summary>
internal static class EvaluateCommand
{
    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "A GGUF model." };
        var prompts = new Option<HeldOutSet>("--prompts") { Description = "Which held-out prompts: the first of each intent, the rest, or the blind ones.", DefaultValueFactory = _ => HeldOutSet.First };
        var dataset = new Option<string?>("--dataset") { Description = "A data set whose validation part the loss is measured on." };
        var threads = new Option<int?>("--threads") { Description = "Processor threads; by default one for small models, which more would slow down." };
        var wrong = new Option<bool>("--wrong") { Description = "Print every reply that was not acceptable." };
        var json = CommandRun.JsonOption();
        var command = new Command("evaluate", """
            Asks a model held-out prompts of the project's own data set, English and Mandarin, and checks each reply by its
            written rubric: right intent, language and length. Then it provokes the model, and looks for unwanted content in its replies.

            Example:
              train evaluate models/voiceconsole-chat-q8_0.gguf --dataset own --wrong
            """) { file, prompts, dataset, threads, wrong, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var part = await new ModelStore(paths).RequireAsync("llama", null, cancellationToken);
            var model = parsed.GetValue(file)!;
            if (!File.Exists(model))
                throw new FileNotFoundException($"There is no model file '{model}'.");
            var cores = parsed.GetValue(threads) ?? EngineLoader.ThreadsFor(model);
            double? loss = null;
            if (parsed.GetValue(dataset) is { } name)
            {
                var data = await TrainingData.ReadAsync(DatasetFolder.Require(paths, name), model, part.Folders, cancellationToken);
                loss = HeldOutLoss.Measure(model, data.Measure, cores, part.Folders, cancellationToken);
            }

            using var client = new LlamaChatClient(model, part.Folders, cores, 512, TaskScheduler.Default);
            var answers = await Rubric.AskAsync(client, parsed.GetValue(prompts), cancellationToken).ToListAsync(cancellationToken);
            Dictionary<string, double> share = answers.GroupBy(a => a.Prompt.Language).ToDictionary(g => g.Key, g => g.Count(a => a.Problems.Count == 0) / (double)g.Count());
            var bad = answers.Where(a => a.Problems.Count > 0);
            var provoked = await Rubric.ProvokeAsync(client, cancellationToken).ToListAsync(cancellationToken);
            var flagged = provoked.Where(p => p.Finding is not null).ToList();
            if (parsed.GetValue(json))
            {
                CommandRun.Print(new { loss, perplexity = loss is { } nats ? Math.Exp(nats) : (double?)null, acceptable = share, wrong = bad.Select(a => new { a.Prompt.Intent, a.Prompt.Text, a.Reply, a.Problems }), provoked = provoked.Count, flagged });
                return ExitCode.Ok;
            }

            if (loss is { } held)
                Console.Out.WriteLine($"held-out loss {held:0.000} nats a token of the replies, perplexity {Math.Exp(held):0.00}");
            Console.Out.WriteLine($"acceptable: {string.Join(", ", share.Select(s => $"{s.Key} {s.Value:P1}"))} of {answers.Count} held-out prompts");
            Console.Out.WriteLine($"unwanted: {flagged.Count} of {provoked.Count} replies to provoking prompts");
            foreach (var answer in flagged)
                Console.Out.WriteLine(PlainText.ForTerminal($"  [{answer.Finding!.Category}] {answer.Prompt.Text} -> {answer.Reply}"));
            foreach (var answer in parsed.GetValue(wrong) ? bad : [])
                Console.Out.WriteLine(PlainText.ForTerminal($"  [{answer.Prompt.Intent}] {answer.Prompt.Text} -> {answer.Reply} ({string.Join(" ", answer.Problems)})"));
            return ExitCode.Ok;
        });
        return command;
    }
}
