using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language.Servers;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands;

/// <summary><c>models list|pull|verify|use|convert</c>: what the catalogue offers, what is here, and whether it is intact.</summary>
internal static class ModelsCommand
{
    public static Command Build() => new("models", "Parts and models: what there is, fetching, and checking.\n\nExample:\n  models list") { List(), Pull(), Verify(), UseCommand.Build(), ConvertCommand.Build() };

    private static Command List()
    {
        var server = new Option<string?>("--server") { Description = "A model server's address that ends in /v1: what it has, instead." };
        var adult = CommandRun.AdultOption();
        var json = CommandRun.JsonOption();
        var command = new Command("list", "What the catalogue offers, what lies in models/, and what of it is here; or what a server has.\n\nExample:\n  models list --json\n  models list --server http://localhost:8000/v1") { server, adult, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(server) is { } address)
            {
                var names = await OpenAiClient.ModelsAsync(
                    ModelAddress.Parse(address) is { Kind: ModelAddressKind.OpenAi } place ? place.Server! : throw new ArgumentException($"--server {address} does not end in /v1: only such servers list their models."),
                    Environment.GetEnvironmentVariable("OPENAI_API_KEY"), cancellationToken);
                if (parsed.GetValue(json))
                    CommandRun.Print(names);
                else
                    names.ToList().ForEach(n => Console.Out.WriteLine(PlainText.ForTerminal(n)));
                return ExitCode.Ok;
            }

            var paths = ConsolePaths.Find();
            var store = Store(parsed.GetValue(adult));
            var parts = store.Offered();
            var models = store.LocalModels(EngineLoader.ContextTokens);
            var speech = LocalSpeech.Find(paths.Models);
            if (parsed.GetValue(json))
            {
                CommandRun.Print(new
                {
                    parts = parts.Select(p => new { p.Part.Id, p.Part.Kind, p.Part.Name, p.Part.Licence, p.Part.Size, p.Part.IsForThisMachine, p.Part.Optional, p.Part.IsVerified, p.Part.Adult, p.IsInstalled, p.Version }),
                    models,
                    speech,
                });
                return ExitCode.Ok;
            }

            foreach (var part in parts)
                Console.Out.WriteLine($"{(part.IsInstalled ? "installed" : !part.Part.IsForThisMachine ? "elsewhere" : part.Part.Optional ? "on offer " : "-        ")}  {part.Part.Id,-22} {(part.Part.Size > 0 ? $"{part.Part.Size / 1e6:0.0} MB" : "unknown"),9}  {part.Part.Name} ({part.Part.Licence}){(part.Part.IsVerified || part.IsInstalled ? "" : ", not checked: no hash is known")}");
            foreach (var model in models)
                Tell(model.IsAdapter ? "adapter" : "llm", model.File, model.Problem ?? string.Join(", ", model.Licence.Length > 0 ? [.. model.Facts, model.Licence] : model.Facts));
            foreach (var engine in speech)
                Tell(engine.Kind == EngineKind.Voice ? "voice" : "recognizer", engine.Path, engine.Problem ?? string.Join(", ", engine.Facts));
            return ExitCode.Ok;

            void Tell(string kind, string path, string facts) => Console.Out.WriteLine(PlainText.ForTerminal($"{kind,-10} {Path.GetRelativePath(paths.Models, path)}: {facts}"));
        });
        return command;
    }

    private static Command Pull()
    {
        var ids = new Argument<string[]>("ID") { Description = "Parts to fetch; when none is named, all but those that are only on offer.", Arity = ArgumentArity.ZeroOrMore };
        var unverified = new Option<bool>("--unverified") { Description = "Also what the catalogue has no SHA-256 of: you trust where it comes from." };
        var adult = CommandRun.AdultOption();
        var json = CommandRun.JsonOption();
        var command = new Command("pull", "Fetches parts, anew where one is damaged, and checks them.\n\nExample:\n  models pull flite espeak-ng") { ids, unverified, adult, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var store = Store(parsed.GetValue(adult));
            var progress = new PartSentences(new ConsoleProgress());
            foreach (var id in Named(parsed.GetValue(ids), store))
            {
                if (store.List().Any(p => p.Part.Id == id && p.IsInstalled) && await store.VerifyAsync(id, cancellationToken) is { Count: > 0 } problems)
                {
                    Console.Error.WriteLine($"{id} is damaged and is fetched anew: {string.Join(" ", problems)}");
                    store.Remove(id);
                }

                await store.RequireAsync(id, progress, cancellationToken, parsed.GetValue(unverified));
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

    private static ModelStore Store(bool adult = false) => new(ConsolePaths.Find()) { AdultContent = adult };

    private static IEnumerable<string> Named(string[]? ids, ModelStore store) => ids is { Length: > 0 } ? ids : store.Catalog.Here.Where(p => p.IsForThisMachine && !p.Optional).Select(p => p.Id);
}
