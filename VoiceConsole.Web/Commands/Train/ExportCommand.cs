using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Export;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Web.Commands.Train;

/// <summary><c>train export</c>: a taught model with its card in smaller weights, and what each size costs.</summary>
internal static class ExportCommand
{
    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "The model, in F32 or F16: a run's best.gguf." };
        var output = new Option<string>("--out") { Description = "Name of the files to write in models/, without ending.", Required = true };
        var formats = new Option<string[]>("--formats") { Description = $"Weights: {string.Join(", ", ModelExport.Formats.Keys)}.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["q8_0", "q6_k", "q4_k_m", "q2_k"] };
        formats.AcceptOnlyFromAmong([.. ModelExport.Formats.Keys]);
        var dataset = new Option<string?>("--dataset") { Description = "The data set it learnt from: named in the card, and its validation part is what the loss of each is measured on." };
        var card = new Option<string?>("--card") { Description = "Markdown that begins with '# ' and the model's name; it goes into the files." };
        var licence = new Option<string?>("--licence") { Description = "SPDX identifier; by default the model's own." };
        var threads = new Option<int?>("--threads") { Description = "Processor threads; by default one for small models, which more would slow down." };
        var json = CommandRun.JsonOption();
        var command = new Command("export", """
            Stores a model in smaller weights, with its chat template, card and licence, and measures what is lost by it.

            Example:
              train export data/training/mine/best.gguf --out mine --dataset own --card mine.md
            """) { file, output, formats, dataset, card, licence, threads, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var source = parsed.GetValue(file)!;
            var name = parsed.GetValue(output)!;
            if (!File.Exists(source))
                throw new FileNotFoundException($"There is no model file '{source}'.");
            var folder = parsed.GetValue(dataset) is { } named ? DatasetFolder.Require(paths, named) : null;
            var text = parsed.GetValue(card) is { } path ? await File.ReadAllTextAsync(path, cancellationToken) : $"# {Path.GetFileName(name)}\n\nMade with VoiceConsole{(folder is null ? "" : $" from the data set {folder.Name}")}.\n";
            var made = ModelCard.Of(
                text, parsed.GetValue(licence) ?? GgufReader.Read(source).Text("general.license"), folder is null ? [] : await folder.LanguagesAsync(cancellationToken), folder is null ? [] : [folder.Name]);
            var part = await new ModelStore(paths).RequireAsync("llama", null, cancellationToken);
            var measured = folder is null ? null : (await TrainingData.ReadAsync(folder, source, part.Folders, cancellationToken)).Measure;
            var rows = new ModelExport(part.Folders).Write(
                source, format => ModelFile.ToWrite(paths, $"{name}-{format}.gguf"), parsed.GetValue(formats)!, made, measured, parsed.GetValue(threads) ?? EngineLoader.ThreadsFor(source), cancellationToken).ToList();
            if (parsed.GetValue(json))
                CommandRun.Print(rows);
            else
                Tell(rows);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Tell(IReadOnlyList<ExportedModel> rows)
    {
        Console.Out.WriteLine("weights        MB   loss  file");
        foreach (var row in rows)
            Console.Out.WriteLine(FormattableString.Invariant($"{row.Format,-10} {row.Bytes / 1e6,6:0.0} {row.Loss,6:0.000}  {row.File}"));
    }
}
