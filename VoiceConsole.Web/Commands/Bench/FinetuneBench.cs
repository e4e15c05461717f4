using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Datasets.Own;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary><c>bench finetune</c>: tokens learnt in a second, beside llama.cpp's own llama-finetune on the same model, text and threads, in turns.</summary>
internal static partial class FinetuneBench
{
    // As llama-finetune cuts a text: windows of the whole context, each beginning half a context after the one before; a step each.
    private const int Window = 256, Stride = Window / 2;
    private const int TextBytes = 60_000;

    public static Command Build()
    {
        var peer = new Option<string?>("--peer") { Description = "Path of llama-finetune; without it only the console's own speed is measured." };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of each, taken in turns.", DefaultValueFactory = _ => 3 };
        var threads = new Option<int>("--threads") { Description = "Processor threads.", DefaultValueFactory = _ => 1 };
        var json = CommandRun.JsonOption();
        var command = new Command("finetune", """
            Tokens learnt in a second, on a random model in the shape of the console's own, beside llama-finetune.

            Example:
              bench finetune --peer llama.cpp/build/bin/llama-finetune
            """) { peer, rounds, threads, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var part = await new ModelStore(paths).RequireAsync("llama", null, cancellationToken);
            using var folder = new BenchFolder(paths);
            var (own, other) = (new List<double>(), new List<double>());
            var (model, text) = Material(folder);
            for (var round = 0; round < parsed.GetValue(rounds); round++)
            {
                own.Add(Own(model, text, part.Folders, parsed.GetValue(threads), cancellationToken));
                if (parsed.GetValue(peer) is { } program)
                    other.Add(await PeerAsync(program, model, text, folder.File("out.gguf"), parsed.GetValue(threads), cancellationToken));
            }

            var ratio = other.Count == 0 ? (double?)null : Median(own.Zip(other, (a, b) => a / b));
            if (parsed.GetValue(json))
                CommandRun.Print(new { threads = parsed.GetValue(threads), own, peer = other, ratio });
            else
                Console.Out.WriteLine(FormattableString.Invariant($"own {Median(own):0} tokens/s") + (ratio is { } share ? FormattableString.Invariant($", llama-finetune {Median(other):0} tokens/s, ratio {share:0.00}") : ""));
            return ExitCode.Ok;
        });
        return command;
    }

    private static (string Model, string Text) Material(BenchFolder folder)
    {
        string[] texts = [.. OwnDataset.Generate(1, TextBytes).Select(r => string.Join('\n', r.Messages.Select(m => m.Content)))];
        var (model, text) = (folder.File("model.gguf"), folder.File("text.txt"));
        File.WriteAllText(text, string.Join("\n\n", texts));
        RandomLlama.Write(model, "random", OwnDataset.Licence, ChatModelPlan.Default.Shape with { Context = Window }, BytePairTrainer.Train(texts, ChatModelPlan.Default.Vocabulary), seed: 1);
        return (model, text);
    }

    private static double Own(string file, string text, IReadOnlyList<string> folders, int threads, CancellationToken cancellationToken)
    {
        using var llama = new LlamaModel(file, folders);
        var tokens = llama.Tokenize(File.ReadAllText(text), addSpecial: true, parseSpecial: false);
        var windows = new TokenWindows(
            Enumerable.Range(0, (tokens.Length - Window - 1) / Stride).Select(i => new Lesson(tokens[(i * Stride)..((i * Stride) + Window + 1)], [.. Enumerable.Repeat(true, Window + 1)])), Window);
        using var model = new TrainableModel(file, folders, 1, Window, Window, threads);
        model.Learn(windows, [0], 0, 1e-5, 0);
        var started = Stopwatch.GetTimestamp();
        for (var step = 1; step < windows.Count; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            model.Learn(windows, [step], step, 1e-5, 0);
        }

        return (windows.Count - 1) * Window / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> PeerAsync(string program, string model, string text, string output, int threads, CancellationToken cancellationToken)
    {
        string[] arguments = ["-m", model, "-f", text, "-c", $"{Window}", "-b", $"{Window}", "-ub", $"{Window}", "-t", $"{threads}", "-epochs", "1", "-lr", "1e-5", "-o", output];
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new FileNotFoundException($"{program} cannot be started.");
        await using var stop = cancellationToken.UnsafeRegister(static process => ((Process)process!).Kill(), process);
        // The first window warms up; the clock runs from its end to that of the last.
        var (windows, first, last) = (0, 0L, 0L);
        await Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
        await process.WaitForExitAsync(cancellationToken);
        return windows > 1 ? (windows - 1) * Window / Stopwatch.GetElapsedTime(first, last).TotalSeconds
            : throw new InvalidDataException($"{program} did not say what it learnt. Give the path of llama.cpp's llama-finetune.");

        // Lines end with a carriage return while they are written over.
        async Task ReadAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (Learnt().Match(line) is not { Success: true } match)
                    continue;
                windows = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                last = Stopwatch.GetTimestamp();
                if (windows == 1)
                    first = last;
            }
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    [GeneratedRegex(@"^train:.* data=0*(\d+)/")]
    private static partial Regex Learnt();
}
