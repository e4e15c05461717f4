using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>A sentence as somebody says it, 16 kHz.</summary>
internal sealed record Utterance(string Text, float[] Samples, IReadOnlyList<WordTiming> Words);

/// <summary>All voices of a benchmark. Each sentence is synthesised once, since a simulated hour says the same ones again and again. Thread-safe.</summary>
internal sealed class Voices(EngineLoader loader) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Task<ISpeechSynthesizer>> _voices = new();
    private readonly ConcurrentDictionary<(string Voice, string Text), Lazy<Task<Utterance>>> _said = new();

    public Task<Utterance> SayAsync(string voice, string text, string language, CancellationToken cancellationToken) =>
        _said.GetOrAdd((voice, text), _ => new Lazy<Task<Utterance>>(() => SynthesizeAsync(voice, text, language, cancellationToken))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var voice in _voices.Values)
            await (await voice).DisposeAsync();
    }

    private async Task<Utterance> SynthesizeAsync(string voice, string text, string language, CancellationToken cancellationToken)
    {
        // Not on the loop of the conversation that asks first.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var engine = await _voices.GetOrAdd(voice, id => loader.VoiceAsync(id, cancellationToken)).ConfigureAwait(false);
        var samples = new List<float>();
        var words = new List<WordTiming>();
        await foreach (var audio in engine.SynthesizeAsync(text, language, cancellationToken).ConfigureAwait(false))
        {
            var offset = samples.Count;
            samples.AddRange(Resampler.Convert(audio.Samples.Span, audio.SampleRate, AudioFormat.Engine.SampleRate));
            var scale = AudioFormat.Engine.SampleRate / (double)audio.SampleRate;
            words.AddRange(audio.Words.Select(w => w with { Start = offset + (int)(w.Start * scale), End = offset + (int)(w.End * scale) }));
        }

        return new Utterance(text, [.. samples], words.Count > 0 ? words : WordEstimate.For(text, samples.Count));
    }
}

/// <summary>The console's voice in a benchmark: what was synthesised before the run begins, at once and as a whole sentence.</summary>
/// <param name="sentences">By their text.</param>
/// <param name="enqueued">Told of each sentence's sound as it goes to the playback; for cancellers that want to know it then.</param>
internal sealed class PreparedVoice(IReadOnlyDictionary<string, Utterance> sentences, Action<float[]>? enqueued) : ISpeechSynthesizer
{
    public string Id => "prepared";

    public IReadOnlyList<string> Languages => [];

    public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var said = sentences[text.Trim()];
        enqueued?.Invoke(said.Samples);
        yield return new SpeechAudio(said.Samples, AudioFormat.Engine.SampleRate, said.Words);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
