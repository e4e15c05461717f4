using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Cleaning;

namespace VoiceConsole.Web.Commands.Train;

/// <summary><c>train clean</c>: what of a data set may be learnt, and why the rest may not.</summary>
internal static class CleanCommand
{
    public static Command Build()
    {
        var name = new Argument<string>("NAME") { Description = "A data set in data/datasets." };
        var repliesOnly = new Option<bool>("--replies-only") { Description = "Look for unwanted content in the replies only: for a set that teaches to decline." };
        var lists = new Option<string?>("--lists") { Description = "Folder of lists and thresholds that replace the built-in ones of the same name." };
        var json = CommandRun.JsonOption();
        var command = new Command("clean", """
            Normalises, splits and deduplicates a data set, and removes what is broken, personal or unwanted; report.txt says why of each record.

            Examples:
              train clean chats
              train clean own --replies-only
            """) { name, repliesOnly, lists, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var folder = DatasetFolder.Require(ConsolePaths.Find(), parsed.GetValue(name)!);
            var cleaner = new DatasetCleaner(new CleaningOptions { RepliesOnly = parsed.GetValue(repliesOnly), Lists = parsed.GetValue(lists) });
            var report = await cleaner.CleanAsync(folder, new ConsoleProgress(), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(report);
            else
                Console.Out.Write($"{report}The report is in {folder.ReadableReport}.\n");
            return ExitCode.Ok;
        });
        return command;
    }
}
