using System.Diagnostics;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>Measures one engine through the console's own interface, in turns with the bare engine on the same work and threads.</summary>
/// <param name="store">Where its parts are.</param>
/// <param name="language">What is said to recognisers and by voices: en or zh.</param>
/// <param name="rounds">Of each, after one to warm up; medians count.</param>
internal sealed class EngineMeter(ModelStore store, string language, int rounds)
{
    private const string English = "The sun was low when the two of them came to the bridge, and neither had said a word since noon.";
    private const string Chinese = "太阳快落山的时候，他们两个人走到了桥边，从中午起谁也没有说过一句话。";
    private const int Tokens = 64;

    private readonly EngineLoader _loader = new(store, TaskScheduler.Default) { Language = language };

    private string Sentence => language == "zh" ? Chinese : English;

    /// <summary>What cannot be measured is told in the figures.</summary>
    public async Task<EngineFigures> MeasureAsync(EngineKind kind, string id, string name, CancellationToken cancellationToken)
    {
        try
        {
            return kind switch
            {
                EngineKind.Recognizer => await HearAsync(id, name, cancellationToken),
                EngineKind.Voice => await SpeakAsync(id, name, cancellationToken),
                _ => await WriteAsync(id, name, cancellationToken),
            };
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return new EngineFigures(kind, id, name, 0, 0, null, null, null, 0, error.Message);
        }
    }

    private async Task<EngineFigures> HearAsync(string id, string name, CancellationToken cancellationToken)
    {
        var sound = await SoundAsync(cancellationToken);
        var (engine, load, memory) = await LoadAsync(() => _loader.RecognizerAsync(id, cancellationToken));
        await using var _ = engine;
        var seconds = AudioFormat.Engine.ToTime(sound.Length).TotalSeconds;
        // All of the sound at once: how fast it is. As it is spoken: when its first words are there.
        var (through, bare, share) = await CompareAsync(
            () => RunAsync(engine.RecognizeAsync(new Pieces(sound), cancellationToken), _ => true), () => ((IBareRecognizer)engine).Hear(sound));
        var first = await RunAsync(engine.RecognizeAsync(new Pieces(sound) { IsLive = true }, cancellationToken), t => t.Text.Length > 0);
        return new EngineFigures(EngineKind.Recognizer, id, name, load, memory, first, through.TotalSeconds / seconds, null, share, null, bare.TotalSeconds / seconds);
    }

    private async Task<EngineFigures> SpeakAsync(string id, string name, CancellationToken cancellationToken)
    {
        var (engine, load, memory) = await LoadAsync(() => _loader.VoiceAsync(id, cancellationToken));
        await using var _ = engine;
        var own = engine.Parts.FirstOrDefault(p => p.Languages.Count == 0 || p.Languages.Any(l => SpokenLanguage.IsSame(l, language))) as IBareVoice
            ?? throw new InvalidOperationException($"{name} does not speak '{language}'.");
        var (seconds, bareSeconds) = (0.0, 0.0);
        double? first = null;
        var (through, bare, share) = await CompareAsync(
            async () =>
            {
                seconds = 0;
                first = await RunAsync(engine.SynthesizeAsync(Sentence, language, cancellationToken), audio =>
                {
                    seconds += audio.Samples.Length / (double)audio.SampleRate;
                    return true;
                });
            },
            () =>
            {
                var (rate, count) = own.Speak(Sentence, language);
                bareSeconds = count / (double)rate;
            });
        return seconds > 0
            ? new EngineFigures(EngineKind.Voice, id, name, load, memory, first, through.TotalSeconds / seconds, null, share, null, bare.TotalSeconds / bareSeconds)
            : throw new InvalidOperationException($"{name} made no sound of a sentence in '{language}'.");
    }

    private async Task<EngineFigures> WriteAsync(string id, string name, CancellationToken cancellationToken)
    {
        var (engine, load, memory) = await LoadAsync(async () => (await _loader.ModelAsync(id, cancellationToken)).Model);
        using var _ = engine;
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 1 };
        await RunAsync(engine.GetStreamingResponseAsync([new(ChatRole.User, "Hello")], options, cancellationToken), _ => true);
        var first = await RunAsync(engine.GetStreamingResponseAsync([new(ChatRole.User, "Tell me about a bridge.")], options, cancellationToken), u => u.Text is { Length: > 0 });
        LlamaChatClient.RequireMemory(id, EngineLoader.ContextTokens);
        var folders = (await store.RequireAsync(EngineLoader.LocalModels, null, cancellationToken)).Folders;
        var (bare, through, ratio, _, _, _) = await LlmBench.DecodeAsync((LlamaChatClient)engine, id, folders, EngineLoader.ThreadsFor(id), Tokens, rounds, peer: null, cancellationToken);
        return new EngineFigures(EngineKind.LanguageModel, id, name, load, memory, first, null, through, 1 - ratio, null, bare);
    }

    // Medians of both, and of the share of the console's time in which the bare engine would have been done, taken off from one.
    private async Task<(TimeSpan Through, TimeSpan Bare, double Share)> CompareAsync(Func<Task> through, Action bare)
    {
        var times = new List<(TimeSpan Through, TimeSpan Bare)>();
        for (var round = -1; round < rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            bare();
            var alone = Stopwatch.GetElapsedTime(started);
            started = Stopwatch.GetTimestamp();
            await through();
            if (round >= 0)
                times.Add((Stopwatch.GetElapsedTime(started), alone));
        }

        return (Median(times.Select(t => t.Through)), Median(times.Select(t => t.Bare)), Median(times.Select(t => 1 - (t.Bare / t.Through))));
    }

    private T Median<T>(IEnumerable<T> values) => values.Order().ElementAt(rounds / 2);

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

    private async Task<float[]> SoundAsync(CancellationToken cancellationToken)
    {
        await using var voice = await _loader.VoiceAsync(null, cancellationToken);
        var sound = new List<float>();
        await foreach (var audio in voice.SynthesizeAsync(Sentence, language, cancellationToken))
            sound.AddRange(Resampler.Convert(audio.Samples.Span, audio.SampleRate, AudioFormat.Engine.SampleRate));
        return [.. sound];
    }

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
