using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary><c>bench echo</c>: conversations in simulated rooms, judged; the console beside four baselines.</summary>
internal static class EchoBench
{
    public static Command Build()
    {
        var quick = new Option<bool>("--quick") { Description = "The small grid: two minutes on two idle cores." };
        var scenario = new Option<string?>("--scenario") { Description = $"Some scenarios only, with commas between: {string.Join(", ", EchoScenario.All.Select(s => s.Id))}, {DoubleTalk.Id}." };
        var setup = new Option<string?>("--setup") { Description = "One setup only, by its name in the table." };
        var file = new Option<string?>("--json") { Description = "Write the result to this file, too." };
        var explain = new Option<bool>("--explain") { Description = "Also print each missed barge-in and each false stop, with what the guard saw." };
        var speakers = new Option<string?>("--speakers") { Description = "A folder of WAV files, one sentence each: real speakers in place of synthesised ones." };
        var responses = new Option<string?>("--responses") { Description = "A folder of WAV files, measured responses of rooms: in place of calculated ones." };
        var seed = new Option<int>("--seed") { Description = "Another seed gives other moments, words and sounds.", DefaultValueFactory = _ => 1 };
        var command = new Command("echo", """
            Holds conversations in simulated rooms on virtual time and counts what goes wrong: the console that answers
            itself, stops for nothing, or does not stop for the user. The same for the same seed.

            Example:
              bench echo --quick --scenario S3 --json echo.json
            """) { quick, scenario, setup, file, explain, seed, speakers, responses };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var scenarios = EchoScenario.All.Where(s => parsed.GetValue(scenario) is not { } id || id.Split(',').Contains(s.Id, StringComparer.OrdinalIgnoreCase)).ToArray();
            var setups = EchoSetup.All.Where(s => parsed.GetValue(setup) is not { } name || s.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray();
            var both = parsed.GetValue(scenario)?.Split(',').Contains(DoubleTalk.Id, StringComparer.OrdinalIgnoreCase) ?? true;
            if ((scenarios.Length == 0 && !both) || setups.Length == 0)
                throw new ArgumentException($"There is no such scenario or setup. There are: {string.Join(", ", EchoScenario.All.Select(s => s.Id).Append(DoubleTalk.Id).Concat(EchoSetup.All.Select(s => s.Name)))}.");
            var recordings = Recordings.Read(parsed.GetValue(speakers), parsed.GetValue(responses));
            var report = await RunAsync(scenarios, setups, recordings, parsed.GetValue(quick), parsed.GetValue(seed), parsed.GetValue(explain), cancellationToken);
            if (both)
                report = report with { DoubleTalk = await DoubleTalk.MeasureAsync(parsed.GetValue(quick), parsed.GetValue(seed), cancellationToken) };
            report.Print(Console.Out);
            EchoResults.Keep(ConsolePaths.Find(), report);
            if (parsed.GetValue(file) is { } path)
                await File.WriteAllTextAsync(path, JsonSerializer.Serialize(report, CommandRun.Json), cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<EchoReport> RunAsync(
        IReadOnlyList<EchoScenario> scenarios, IReadOnlyList<EchoSetup> setups, Recordings recordings, bool quick, int seed, bool explain, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var paths = ConsolePaths.Find();
        var store = new ModelStore(paths);
        await using var voices = new Voices(new EngineLoader(store, TaskScheduler.Default, new ConsoleProgress()));
        var work = (from scenario in scenarios
                    from point in EchoGrid.Points(scenario, quick, seed)
                    from setup in setups
                    where scenario.ShowsLayers || !setup.IsWithoutLayer
                    select (Scenario: scenario, Point: point with { Recorded = recordings }, Setup: setup)).ToArray();
        var runs = new ConcurrentBag<(int Number, RunResult Run, EchoScore Score)>();
        await Parallel.ForEachAsync(
            work.Index(), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (item, cancel) =>
            {
                var (scenario, point, setup) = item.Item;
                var run = await RoomRun.PlayAsync(scenario, point, setup, voices, store, cancel);
                runs.Add((item.Index, run, EchoScore.Of(run)));
                Console.Error.Write($"\r{runs.Count} of {work.Length} conversations");
            });
        Console.Error.WriteLine();
        var ordered = runs.OrderBy(r => r.Number).Select(r => (r.Run, r.Score)).ToArray();
        if (explain)
            Array.ForEach(ordered, r => EchoExplanation.Write(r.Run, Console.Out));
        var near = ordered.Where(r => r.Run.Point.DelayMs < EchoGrid.FarDelay).ToArray();
        var (frameMs, _, frameBytes) = await FrameCost.MeasureAsync(paths, new ConversationRequest(), cancellationToken);
        return new EchoReport(
            seed, quick, Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1), Math.Round(frameMs, 4), frameBytes,
            scenarios.ToDictionary(s => s.Id, s => s.JudgesWords ? "pocketsphinx-en-us (true transcript for Mandarin, no guard and naive canceller)" : "true transcript"),
            Figures(near), Figures(ordered.Where(r => r.Run.Point.DelayMs >= EchoGrid.FarDelay)),
            [.. ordered.GroupBy(r => (r.Run.Setup.Name, r.Run.Scenario.Id, r.Run.Point.SignalToEcho, r.Run.Point.DelayMs))
                .Select(g => EchoFigures.Of(g.Key.Name, g.Key.Id, [.. g], isPlace: true))]);
    }

    private static IReadOnlyList<EchoFigures> Figures(IEnumerable<(RunResult Run, EchoScore Score)> runs) =>
        [.. runs.GroupBy(r => (r.Run.Scenario.Id, r.Run.Setup.Name)).Select(g => EchoFigures.Of(g.Key.Name, g.Key.Id, [.. g]))];
}
