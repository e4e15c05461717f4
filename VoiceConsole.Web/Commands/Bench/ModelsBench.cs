using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary><c>bench models</c>: every engine that is installed, or those named, through the console's own interfaces, in turns with the bare engine. The Models page shows the figures.</summary>
internal static class ModelsBench
{
    public static Command Build()
    {
        var names = new Argument<string[]>("ENGINE") { Description = "Names or paths of recognisers, voices and GGUF files; all that are installed when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var language = new Option<string>("--language") { Description = "What is said to recognisers and by voices: en or zh.", DefaultValueFactory = _ => "en" };
        var rounds = new Option<int>("--rounds") { Description = "How often each is measured, in turns with the bare engine.", DefaultValueFactory = _ => 5 };
        var json = CommandRun.JsonOption();
        var command = new Command("models", """
            Load time, memory, first words, sound or token, and speed of each engine on this machine, beside the bare engine's in the same run.

            Example:
              bench models
              bench models ggml-base en_US-hfc_female-medium
            """) { names, language, rounds, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var store = new ModelStore(paths);
            var meter = new EngineMeter(store, parsed.GetValue(language)!, Math.Max(1, parsed.GetValue(rounds)));
            var wanted = parsed.GetValue(names) ?? [];
            var figures = new List<EngineFigures>();
            foreach (var (kind, id, name) in Installed(store, paths).Where(e => wanted.Length == 0 || wanted.Contains(e.Id) || wanted.Contains(e.Name)))
            {
                Console.Error.WriteLine($"Measuring {name}");
                figures.Add(await meter.MeasureAsync(kind, id, name, cancellationToken));
            }

            if (figures.Count == 0)
                throw new ArgumentException($"None of {string.Join(", ", wanted)} is installed. See 'models list'.");
            EngineFigures.Write(paths, figures);
            if (parsed.GetValue(json))
                CommandRun.Print(figures);
            else
                figures.ForEach(f => Console.Out.WriteLine(PlainText.ForTerminal(Line(f))));
            return figures.Exists(f => f.Problem is not null) ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<(EngineKind Kind, string Id, string Name)> Installed(ModelStore store, ConsolePaths paths)
    {
        bool Has(string engine) => store.Catalog.PartOf(engine) is { } part && store.StateOf(part).IsInstalled;
        var local = LocalSpeech.Find(paths.Models).Where(s => s.Problem is null).ToList();
        return
        [
            .. EngineLoader.Recognizers.Where(Has).Select(r => (EngineKind.Recognizer, r, r)),
            .. local.Where(s => s.Kind == EngineKind.Recognizer).Select(s => (s.Kind, s.Path, s.Name)),
            .. EngineLoader.Voices.Where(Has).Select(v => (EngineKind.Voice, v, v)),
            .. local.Where(s => s.Kind == EngineKind.Voice).Select(s => (s.Kind, s.Path, s.Name)),
            .. store.LocalModels(EngineLoader.ContextTokens).Where(m => m.Problem is null && !m.IsAdapter).Select(m => (EngineKind.LanguageModel, m.File, m.Name)),
        ];
    }

    private static string Line(EngineFigures f) => $"{f.Name}: {f.Problem ?? string.Join(", ", f.Facts)}";
}
