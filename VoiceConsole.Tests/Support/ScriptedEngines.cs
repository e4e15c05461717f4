using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Tests.Support;

/// <summary>Takes what is loud for speech.</summary>
internal sealed class LoudnessDetector : IVoiceDetector
{
    public string Id => "loudness";
    public int WindowSamples => 512;
    public float Detect(ReadOnlySpan<float> window) => Listener.Level(window) > -40 ? 1 : 0;
    public void Reset() { }
    public void Dispose() { }
}

/// <summary>Leaves the microphone as it is.</summary>
internal sealed class PassThrough : IEchoCanceller
{
    public string Id => "none";
    public int DelaySamples => 0;
    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, Span<float> cleaned) => captured.CopyTo(cleaned);
    public void Reset() { }
    public void Dispose() { }
}

/// <summary>Hears one line of its script in each utterance that has sound in it.</summary>
internal sealed class ScriptedRecognizer(params string[] lines) : ISpeechRecognizer
{
    private int _next;

    public string Id => "script";
    public IReadOnlyList<string> Languages => ["en", "zh"];
    public List<int> UtteranceSamples { get; } = [];

    /// <summary>Gives the line's first word as a partial transcript at the utterance's beginning, and all words at its end.</summary>
    public bool GivesPartials { get; init; }

    public async IAsyncEnumerable<Transcript> RecognizeAsync(ISpeechSource speech, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new float[1600];
        var samples = 0;
        var line = lines[_next++ % lines.Length];
        for (int count; (count = await speech.ReadAsync(buffer, cancellationToken)) > 0; samples += count)
        {
            if (GivesPartials && samples == 0)
                yield return new Transcript(line.Split(' ')[0], false, "en");
        }

        UtteranceSamples.Add(samples);
        if (GivesPartials)
            yield return new Transcript(line, false, "en");
        if (line == "!")
            throw new InvalidOperationException("the recogniser broke");
        yield return new Transcript(line, true, "en");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Says every word as 200 ms of a tone and 50 ms of silence.</summary>
internal sealed class ToneVoice(TimeProvider time, string id = "tone", int delayMs = 30) : ISpeechSynthesizer
{
    public const int WordSamples = 3200, GapSamples = 800;

    public string Id => id;

    /// <summary>Spoken on after having been freed, or freed twice.</summary>
    public bool IsMisused { get; private set; }

    public bool IsFreed { get; private set; }
    public IReadOnlyList<string> Languages => [];

    /// <summary>All it was asked to say.</summary>
    public List<(string Text, string Language)> Spoken { get; } = [];

    public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IsMisused |= IsFreed;
        Spoken.Add((text, language));
        await Task.Delay(TimeSpan.FromMilliseconds(delayMs), time, cancellationToken);
        IsMisused |= IsFreed;
        var words = WordEstimate.For(text, 1000);
        var samples = new float[words.Count * (WordSamples + GapSamples)];
        var timings = new WordTiming[words.Count];
        for (var i = 0; i < timings.Length; i++)
        {
            var start = i * (WordSamples + GapSamples);
            samples.AsSpan(start).Slice(0, WordSamples).Tone(440);
            timings[i] = new WordTiming(words[i].TextStart, words[i].TextLength, start, start + WordSamples);
        }

        if (samples.Length > 0)
            yield return new SpeechAudio(samples, AudioFormat.Engine.SampleRate, timings);
    }

    public ValueTask DisposeAsync()
    {
        IsMisused |= IsFreed;
        IsFreed = true;
        return ValueTask.CompletedTask;
    }
}

/// <summary>Writes its replies word by word, one every 20 ms; null is a server that refuses.</summary>
internal sealed class ScriptedModel(TimeProvider time, params string?[] replies) : IChatClient, IPromptPrefill
{
    private int _next;

    public List<IReadOnlyList<ChatMessage>> Prompts { get; } = [];

    /// <summary>Tells how much fits; null for a model that does not say.</summary>
    public ITokenCounter? Counter { get; init; }

    /// <summary>Takes no time at all.</summary>
    public bool IsInstant { get; init; }

    /// <summary>Reads the prompt for this long before the first word.</summary>
    public TimeSpan FirstWord { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What it read ahead of its replies.</summary>
    public List<IReadOnlyList<ChatMessage>> Prefills { get; } = [];

    /// <summary>Takes this long for each.</summary>
    public TimeSpan PrefillTime { get; init; }

    public async Task PrefillAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        Prefills.Add([.. messages]);
        await Task.Delay(PrefillTime, time, cancellationToken);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Prompts.Add([.. messages]);
        var reply = replies[_next++ % replies.Length] ?? throw new HttpRequestException("connection refused");
        await Task.Delay(IsInstant ? TimeSpan.Zero : FirstWord, time, cancellationToken);
        foreach (var word in reply.Split(' '))
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, word + " ");
            await Task.Delay(TimeSpan.FromMilliseconds(IsInstant ? 0 : 20), time, cancellationToken);
        }
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var text = "";
        await foreach (var update in GetStreamingResponseAsync(messages, options, cancellationToken))
            text += update.Text;
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text));
    }

    public bool IsFreed { get; private set; }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(IPromptPrefill) ? this : serviceType == typeof(ITokenCounter) ? Counter : null;

    public void Dispose() => IsFreed = true;
}

internal static class Scripted
{
    /// <summary>One of each kind.</summary>
    public static ConversationEngines Engines(TimeProvider time) => new(
        new PassThrough(), new LoudnessDetector(), new ScriptedRecognizer("hello"),
        new LanguageEngine(new ScriptedModel(time, "Good morning."), "script", null, null, new ConversationOptions(), time), new ToneVoice(time));
}

internal static class Tones
{
    /// <summary>Fills with a sine of half scale.</summary>
    public static void Tone(this Span<float> samples, double hertz)
    {
        for (var i = 0; i < samples.Length; i++)
            samples[i] = 0.5f * (float)Math.Sin(2 * Math.PI * hertz * i / AudioFormat.Engine.SampleRate);
    }

    /// <summary>A door's 300 ms: low, with a few overtones.</summary>
    public static float[] Thump() =>
        [.. Enumerable.Range(0, 4800).Select(i => 0.15f * (float)Enumerable.Range(1, 4).Sum(k => Math.Sin(2 * Math.PI * 150 * k * i / AudioFormat.Engine.SampleRate)))];

    /// <summary>A user's voice: a tone with an overtone, since one alone would be a hum.</summary>
    public static float[] Of(TimeSpan length, double hertz = 300)
    {
        var samples = new float[AudioFormat.Engine.ToSamples(length)];
        samples.AsSpan().Tone(hertz);
        for (var i = 0; i < samples.Length; i++)
            samples[i] = 0.7f * samples[i] + 0.15f * (float)Math.Sin(2 * Math.PI * 6 * hertz * i / AudioFormat.Engine.SampleRate);
        return samples;
    }
}
