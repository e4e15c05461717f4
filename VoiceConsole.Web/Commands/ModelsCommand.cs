using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands;

/// <summary><c>models list|pull|verify|use|convert</c>: what the catalogue offers, what is here, and whether it is intact.</summary>
internal static class ModelsCommand
{
    public static Command Build() => new("models", "Parts and models: what there is, fetching, and checking.") { List(), Pull(), Verify(), UseCommand.Build(), ConvertCommand.Build() };

    private static Command List()
    {
        var json = CommandRun.JsonOption();
        var command = new Command("list", "What the catalogue offers and what is here.\n\nExample:\n  models list --json") { json };
        command.SetRun((parsed, _) =>
        {
            var parts = Store().List();
            if (parsed.GetValue(json))
                CommandRun.Print(parts.Select(p => new { p.Part.Id, p.Part.Kind, p.Part.Name, p.Part.Licence, p.Part.Size, p.Part.IsForThisMachine, p.IsInstalled, p.Version }));
            else
                foreach (var part in parts)
                    Console.Out.WriteLine($"{(part.IsInstalled ? "installed" : part.Part.IsForThisMachine ? "-        " : "elsewhere")}  {part.Part.Id,-14} {part.Part.Size / 1e6,6:0.0} MB  {part.Part.Name} ({part.Part.Licence})");
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static Command Pull()
    {
        var ids = new Argument<string[]>("ID") { Description = "Parts to fetch; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var json = CommandRun.JsonOption();
        var command = new Command("pull", "Fetches parts, anew where one is damaged, and checks them.\n\nExample:\n  models pull flite espeak-ng") { ids, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var store = Store();
            var progress = new PartSentences(new ConsoleProgress());
            foreach (var id in Named(parsed.GetValue(ids), store))
            {
                if (store.List().Any(p => p.Part.Id == id && p.IsInstalled) && await store.VerifyAsync(id, cancellationToken) is { Count: > 0 } problems)
                {
                    Console.Error.WriteLine($"{id} is damaged and is fetched anew: {string.Join(" ", problems)}");
                    store.Remove(id);
                }

                await store.RequireAsync(id, progress, cancellationToken);
            }

            if (parsed.GetValue(json))
                CommandRun.Print(store.List().Where(p => p.IsInstalled).Select(p => new { p.Part.Id, p.Version }));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Verify()
    {
        var ids = new Argument<string[]>("ID") { Description = "Parts to check; all installed ones when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var json = CommandRun.JsonOption();
        var command = new Command("verify", "Reads every byte of installed parts again.\n\nExample:\n  models verify") { ids, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var store = Store();
            var code = ExitCode.Ok;
            var found = new Dictionary<string, IReadOnlyList<string>>();
            var named = parsed.GetValue(ids) is { Length: > 0 } some ? some : [.. store.List().Where(p => p.IsInstalled).Select(p => p.Part.Id)];
            foreach (var id in named)
            {
                var problems = await store.VerifyAsync(id, cancellationToken);
                found[id] = problems;
                if (!parsed.GetValue(json))
                    Console.Out.WriteLine(problems.Count == 0 ? $"{id}: intact" : $"{id}: {string.Join(" ", problems)} Fetch it again with 'models pull {id}'.");
                if (problems.Count > 0)
                    code = ExitCode.Failed;
            }

            if (parsed.GetValue(json))
                CommandRun.Print(found);
            return code;
        });
        return command;
    }

    private static ModelStore Store() => new(ConsolePaths.Find());

    private static IEnumerable<string> Named(string[]? ids, ModelStore store) => ids is { Length: > 0 } ? ids : store.Catalog.Here.Where(p => p.IsForThisMachine).Select(p => p.Id);
}
