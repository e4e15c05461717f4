using System.CommandLine;
using System.Globalization;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Import;
using VoiceConsole.Engine.Training.Datasets.Own;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Commands.Train;

/// <summary><c>train collect</c>: conversations from files, from the store, or from the project's own material.</summary>
internal static class CollectCommand
{
    private const int ProblemsShown = 10;

    public static Command Build()
    {
        var from = new Option<string[]>("--from") { Description = $"'{OwnDataset.Source}' (what the project wrote), '{StoredDialogues.Source}' (what was said to this console), or files.", Required = true, AllowMultipleArgumentsPerToken = true };
        var name = new Option<string>("--name") { Description = "The data set to make, in data/datasets.", Required = true };
        var format = new Option<DatasetFormat>("--format") { Description = "Kind of the files; by default told from each.", DefaultValueFactory = _ => DatasetFormat.Auto };
        var licence = new Option<string?>("--licence") { Description = "Licence of the files, as an SPDX identifier." };
        var since = new Option<string?>("--since") { Description = "Stored conversations from this day on, UTC, as 2026-11-25." };
        var until = new Option<string?>("--until") { Description = "Stored conversations before this day." };
        var tag = new Option<string[]>("--tag") { Description = "Only records that have one of these tags.", AllowMultipleArgumentsPerToken = true };
        var seed = new Option<int>("--seed") { Description = "Of the project's own data.", DefaultValueFactory = _ => 1 };
        var size = new Option<int>("--size") { Description = "Kilobytes of the project's own data.", DefaultValueFactory = _ => 800 };
        var add = new Option<bool>("--add") { Description = "Add to the data set when there is one of this name." };
        var json = CommandRun.JsonOption();
        var command = new Command("collect", """
            Conversations from files, from the store, or from the project's own material, as a data set in data/datasets.

            Examples:
              train collect --from own --name own --seed 1 --size 800
              train collect --from chats.jsonl table.csv --licence CC-BY-4.0 --name chats
              train collect --from conversations --since 2026-11-01 --name mine
            """) { from, name, format, licence, since, until, tag, seed, size, add, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var (first, last) = (Day(parsed.GetValue(since), "--since"), Day(parsed.GetValue(until), "--until"));
            var kilobytes = parsed.GetValue(size);
            if (kilobytes is < 1 or > 100_000)
                throw new ArgumentException("--size must lie between 1 and 100000 kilobytes.");
            var sources = new List<(string, IAsyncEnumerable<DatasetLine>)>();
            foreach (var source in parsed.GetValue(from)!)
            {
                var lines = source switch
                {
                    OwnDataset.Source => OwnDataset.Lines(parsed.GetValue(seed), kilobytes * 1000),
                    StoredDialogues.Source => new StoredDialogues(await Database.OpenAsync(paths, cancellationToken: cancellationToken)).ReadAsync(first, last, cancellationToken),
                    _ => DatasetImport.ReadAsync(source, parsed.GetValue(format), parsed.GetValue(licence), cancellationToken),
                };
                sources.Add((source, Tagged(lines, parsed.GetValue(tag) ?? [])));
            }

            var collector = new DatasetCollector(DatasetFolder.Of(paths, parsed.GetValue(name)!));
            var card = await collector.CollectAsync(sources, parsed.GetValue(add), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(new { card.Name, card.Records, card.Bytes, card.Sources, collector.Problems });
            else
                Tell(card, collector.Problems);
            return ExitCode.Ok;
        });
        return command;
    }

    private static IAsyncEnumerable<DatasetLine> Tagged(IAsyncEnumerable<DatasetLine> lines, string[] tags) =>
        tags.Length == 0 ? lines : lines.Where(l => l.Record is null || l.Record.Tags.Intersect(tags).Any());

    private static DateTimeOffset? Day(string? text, string option)
    {
        if (text is null)
            return null;
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)
            : throw new ArgumentException($"{option} wants a day such as 2026-11-25, not '{text}'.");
    }

    private static void Tell(DatasetCard card, IReadOnlyList<string> problems)
    {
        Console.Out.WriteLine($"data/datasets/{card.Name}: {card.Records:N0} conversations, {card.Bytes / 1000.0:N0} KB");
        foreach (var source in card.Sources)
            Console.Out.WriteLine($"  {source.Source} ({source.Licence}): {source.Records:N0} taken, {source.Skipped:N0} left out");
        foreach (var problem in problems.Take(ProblemsShown))
            Console.Error.WriteLine(PlainText.ForTerminal(problem));
        if (problems.Count > ProblemsShown)
            Console.Error.WriteLine($"and {problems.Count - ProblemsShown:N0} more; --json lists them.");
    }
}
