using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Evaluate;
using VoiceConsole.Engine.Training.Export;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Web.Commands.Train;

/// <summary><c>train export</c>: a taught model in smaller weights, and what each size costs.</summary>
internal static class ExportCommand
{
    private static readonly Dictionary<string, WeightFormat> s_formats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["f16"] = WeightFormat.F16,
        ["q8_0"] = WeightFormat.Q80,
        ["q6_k"] = WeightFormat.Q6K,
        ["q4_k_m"] = WeightFormat.Q4KM,
        ["q2_k"] = WeightFormat.Q2K,
    };

    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "The model, in F32 or F16: a run's best.gguf." };
        var output = new Option<string>("--out") { Description = "Name of the files to write in models/, without ending.", Required = true };
        var formats = new Option<string[]>("--formats") { Description = $"Weights: {string.Join(", ", s_formats.Keys)}.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["q8_0", "q6_k", "q4_k_m", "q2_k"] };
        formats.AcceptOnlyFromAmong([.. s_formats.Keys]);
        var dataset = new Option<string?>("--dataset") { Description = "A data set whose validation part the loss of each is measured on." };
        var threads = new Option<int>("--threads") { Description = "Processor threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var json = CommandRun.JsonOption();
        var command = new Command("export", """
            Stores a model in smaller weights, with its chat template and licence, and measures what is lost by it.

            Example:
              train export data/training/mine/best.gguf --out mine --dataset own
            """) { file, output, formats, dataset, threads, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var part = await new ModelStore(paths).RequireAsync("llama", null, cancellationToken);
            var source = parsed.GetValue(file)!;
            var data = parsed.GetValue(dataset) is { } name ? await TrainingData.ReadAsync(DatasetFolder.Require(paths, name), source, part.Folders, cancellationToken) : null;
            var rows = new List<ExportedModel> { Row("as it is", source) };
            foreach (var format in parsed.GetValue(formats)!)
            {
                var target = ModelFile.ToWrite(paths, $"{parsed.GetValue(output)}-{format}.gguf");
                Quantizer.Write(source, target, s_formats[format], parsed.GetValue(threads), part.Folders);
                rows.Add(Row(format, target));
            }

            if (parsed.GetValue(json))
                CommandRun.Print(rows);
            else
                Tell(rows);
            return ExitCode.Ok;

            ExportedModel Row(string format, string model) => new(
                format, model, new FileInfo(model).Length, data is null ? null : HeldOutLoss.Measure(model, data.Measure, parsed.GetValue(threads), part.Folders, cancellationToken));
        });
        return command;
    }

    private static void Tell(IReadOnlyList<ExportedModel> rows)
    {
        Console.Out.WriteLine("weights        MB   loss  file");
        foreach (var row in rows)
            Console.Out.WriteLine(FormattableString.Invariant($"{row.Format,-10} {row.Bytes / 1e6,6:0.0} {row.Loss,6:0.000}  {row.File}"));
    }

    /// <param name="Loss">Held-out, in nats a token; null where no data set was given.</param>
    private sealed record ExportedModel(string Format, string File, long Bytes, double? Loss);
}
