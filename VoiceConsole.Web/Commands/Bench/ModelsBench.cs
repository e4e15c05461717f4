using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary><c>bench models</c>: every engine that is installed, or those named, through the console's own interfaces, beside the time that was the engine's own. The Models page shows the figures.</summary>
internal static class ModelsBench
{
    private const string English = "The sun was low when the two of them came to the bridge, and neither had said a word since noon.";
    private const string Chinese = "太阳快落山的时候，他们两个人走到了桥边，从中午起谁也没有说过一句话。";
    private const int Tokens = 64;

    public static Command Build()
    {
        var names = new Argument<string[]>("ENGINE") { Description = "Names or paths of recognisers, voices and GGUF files; all that are installed when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var language = new Option<string>("--language") { Description = "What is said to recognisers and by voices: en or zh.", DefaultValueFactory = _ => "en" };
        var json = CommandRun.JsonOption();
        var command = new Command("models", """
            Load time, memory, first words, sound or token, and speed of each engine on this machine.

            Example:
              bench models
              bench models ggml-base en_US-hfc_female-medium
            """) { names, language, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var store = new ModelStore(paths);
            var tag = parsed.GetValue(language)!;
            var wanted = parsed.GetValue(names) ?? [];
            var figures = new List<EngineFigures>();
            foreach (var (kind, id, name) in Installed(store, paths).Where(e => wanted.Length == 0 || wanted.Contains(e.Id) || wanted.Contains(e.Name)))
            {
                Console.Error.WriteLine($"Measuring {name}");
                figures.Add(await MeasureAsync(store, kind, id, name, tag, cancellationToken));
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
            .. LocalModel.Find(paths.Models, EngineLoader.ContextTokens).Where(m => m.Problem is null && !m.IsAdapter).Select(m => (EngineKind.LanguageModel, m.File, m.Name)),
        ];
    }

    private static async Task<EngineFigures> MeasureAsync(ModelStore store, EngineKind kind, string id, string name, string language, CancellationToken cancellationToken)
    {
        var clock = new WorkClock();
        var loader = new EngineLoader(store, clock) { Language = language };
        try
        {
            return kind switch
            {
                EngineKind.Recognizer => await HearAsync(loader, clock, id, name, await SpeechAsync(store, language, cancellationToken), cancellationToken),
                EngineKind.Voice => await SpeakAsync(loader, clock, id, name, language, cancellationToken),
                _ => await WriteAsync(loader, clock, id, name, cancellationToken),
            };
        }
        catch (Exception error) when (error is ModelUnavailableException or InvalidDataException or InvalidOperationException or ArgumentException)
        {
            return new EngineFigures(kind, id, name, 0, 0, null, null, null, 0, error.Message);
        }
    }

    private static async Task<EngineFigures> HearAsync(EngineLoader loader, WorkClock clock, string id, string name, float[] sound, CancellationToken cancellationToken)
    {
        var (engine, load, memory) = await LoadAsync(() => loader.RecognizerAsync(id, cancellationToken));
        await using var _ = engine;
        var seconds = AudioFormat.Engine.ToTime(sound.Length).TotalSeconds;
        await RunAsync(engine.RecognizeAsync(new Pieces(sound), cancellationToken), _ => true);
        // All of the sound at once: how fast it is. As it is spoken: when its first words are there.
        var (before, started) = (clock.Spent, Stopwatch.GetTimestamp());
        await RunAsync(engine.RecognizeAsync(new Pieces(sound), cancellationToken), _ => true);
        var (took, own) = (Stopwatch.GetElapsedTime(started), clock.Spent - before);
        var first = await RunAsync(engine.RecognizeAsync(new Pieces(sound) { IsLive = true }, cancellationToken), t => t.Text.Length > 0);
        return new EngineFigures(EngineKind.Recognizer, id, name, load, memory, first, took.TotalSeconds / seconds, null, Share(took, own));
    }

    private static async Task<EngineFigures> SpeakAsync(EngineLoader loader, WorkClock clock, string id, string name, string language, CancellationToken cancellationToken)
    {
        var (engine, load, memory) = await LoadAsync(() => loader.VoiceAsync(id, cancellationToken));
        await using var _ = engine;
        var text = language == "zh" ? Chinese : English;
        var seconds = 0.0;
        await RunAsync(engine.SynthesizeAsync(text, language, cancellationToken), _ => true);
        var (before, started) = (clock.Spent, Stopwatch.GetTimestamp());
        var first = await RunAsync(engine.SynthesizeAsync(text, language, cancellationToken), audio =>
        {
            seconds += audio.Samples.Length / (double)audio.SampleRate;
            return true;
        });
        var (took, own) = (Stopwatch.GetElapsedTime(started), clock.Spent - before);
        return seconds > 0
            ? new EngineFigures(EngineKind.Voice, id, name, load, memory, first, took.TotalSeconds / seconds, null, Share(took, own))
            : throw new InvalidOperationException($"{name} made no sound of a sentence in '{language}'.");
    }

    private static async Task<EngineFigures> WriteAsync(EngineLoader loader, WorkClock clock, string id, string name, CancellationToken cancellationToken)
    {
        var (engine, load, memory) = await LoadAsync(async () => (await loader.ModelAsync(id, cancellationToken)).Model);
        using var _ = engine;
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = Tokens };
        await RunAsync(engine.GetStreamingResponseAsync([new(ChatRole.User, "Hello")], options, cancellationToken), _ => true);
        var (before, started) = (clock.Spent, Stopwatch.GetTimestamp());
        var count = 0;
        var counter = (Engine.Language.ITokenCounter)engine.GetService(typeof(Engine.Language.ITokenCounter))!;
        var first = await RunAsync(engine.GetStreamingResponseAsync([new(ChatRole.User, "Tell me a story about a bridge.")], options, cancellationToken), update =>
        {
            count += update.Text is { Length: > 0 } text ? counter.Count(text) : 0;
            return update.Text is { Length: > 0 };
        });
        var (took, own) = (Stopwatch.GetElapsedTime(started), clock.Spent - before);
        return new EngineFigures(EngineKind.LanguageModel, id, name, load, memory, first, null, count / took.TotalSeconds, Share(took, own));
    }

    private static async Task<(T Engine, double LoadMs, long Bytes)> LoadAsync<T>(Func<Task<T>> load)
    {
        GC.Collect();
        var (memory, started) = (Environment.WorkingSet, Stopwatch.GetTimestamp());
        var engine = await load();
        return (engine, Stopwatch.GetElapsedTime(started).TotalMilliseconds, Math.Max(0, Environment.WorkingSet - memory));
    }

    // Milliseconds until the first item that counts; null where there is none.
    private static async Task<double?> RunAsync<T>(IAsyncEnumerable<T> items, Func<T, bool> counts)
    {
        var started = Stopwatch.GetTimestamp();
        double? first = null;
        await foreach (var item in items)
        {
            if (counts(item))
                first ??= Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        return first;
    }

    private static double Share(TimeSpan took, TimeSpan own) => Math.Max(0, (took - own) / took);

    private static async Task<float[]> SpeechAsync(ModelStore store, string language, CancellationToken cancellationToken)
    {
        await using var voice = await new EngineLoader(store, TaskScheduler.Default).VoiceAsync(null, cancellationToken);
        var sound = new List<float>();
        await foreach (var audio in voice.SynthesizeAsync(language == "zh" ? Chinese : English, language, cancellationToken))
            sound.AddRange(Resampler.Convert(audio.Samples.Span, audio.SampleRate, AudioFormat.Engine.SampleRate));
        return [.. sound];
    }

    private static string Line(EngineFigures f) => f.Problem is { } problem ? $"{f.Name}: {problem}"
        : $"{f.Name}: {string.Join(", ", f.Facts)}; loaded in {f.LoadMs:0} ms, {f.MemoryBytes / 1e6:0} MB, {f.Overhead * 100:0.0} % of the time not the engine's own";

    private sealed class Pieces(float[] samples) : ISpeechSource
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private int _position;

        /// <summary>No sample comes before it would have been spoken.</summary>
        public bool IsLive { get; init; }

        public async ValueTask<int> ReadAsync(Memory<float> destination, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(destination.Length, samples.Length - _position);
            samples.AsMemory(_position, count).CopyTo(destination);
            _position += count;
            if (IsLive && AudioFormat.Engine.ToTime(_position) - Stopwatch.GetElapsedTime(_started) is var early && early > TimeSpan.Zero)
                await Task.Delay(early, TimeProvider.System, cancellationToken);
            return count;
        }
    }
}
