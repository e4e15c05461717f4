using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Models;

/// <summary>Has a new engine do its work once before anybody depends on it: its model runs, and its memory is warm.</summary>
/// <param name="language">Of the conversation: voices that speak it are tried out in it.</param>
internal sealed class EngineTrial(string language)
{
    private const string OldServesOn = "The old one serves on: choose another.";

    // An engine that cannot say a word in this time is of no use in a conversation.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    /// <summary>Gives a trial its time.</summary>
    /// <exception cref="ModelUnavailableException">It took too long.</exception>
    public static async Task RunAsync(Func<CancellationToken, Task> trial, string name, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_longest);
        try
        {
            await trial(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelUnavailableException($"{name} did nothing for {s_longest.TotalSeconds:0} s when it was tried out.", "The old one serves on: choose a smaller one.");
        }
    }

    /// <summary>Something to listen to is read; whatever words come of it will do.</summary>
    /// <exception cref="ModelUnavailableException">No transcript came.</exception>
    public static async Task HearAsync(ISpeechRecognizer recognizer, CancellationToken cancellationToken)
    {
        await foreach (var transcript in recognizer.RecognizeAsync(new Murmur(), cancellationToken))
        {
            if (transcript.IsFinal)
                return;
        }

        throw new ModelUnavailableException($"{recognizer.Id} gave no transcript when it was tried out.", OldServesOn);
    }

    /// <summary>Each of a voice's voices says a word, in the conversation's language if it can, else in its own.</summary>
    /// <exception cref="ModelUnavailableException">One makes no sound, or none that can be played.</exception>
    public async Task SpeakAsync(ISpeechSynthesizer voice, CancellationToken cancellationToken)
    {
        foreach (var part in voice.Parts)
        {
            var tag = part.Languages.Count == 0 || part.Languages.Any(l => SpokenLanguage.IsSame(l, language)) ? language : part.Languages[0];
            await SpeakAsync(part, tag, cancellationToken);
        }
    }

    private static async Task SpeakAsync(ISpeechSynthesizer voice, string language, CancellationToken cancellationToken)
    {
        await foreach (var audio in voice.SynthesizeAsync(SpokenLanguage.IsSame(language, "zh") ? "你好。" : "Hello.", language, cancellationToken))
        {
            if (audio.Samples.Span.IndexOfAnyExcept(0f) < 0)
                continue;
            foreach (var sample in audio.Samples.Span)
            {
                if (!float.IsFinite(sample))
                    throw new ModelUnavailableException($"{voice.Id} makes samples that are no numbers.", OldServesOn);
            }

            return;
        }

        throw new ModelUnavailableException($"{voice.Id} made no sound when it was tried out.", OldServesOn);
    }

    // Half a second of noise with more of the low tones, as speech has: what is silent, recognisers do not even read.
    private sealed class Murmur : ISpeechSource
    {
        private const float Level = 0.02f;
        private readonly Random _random = new(1);
        private int _left = 8_000;
        private float _last;

        public ValueTask<int> ReadAsync(Memory<float> destination, CancellationToken cancellationToken)
        {
            var count = Math.Min(_left, destination.Length);
            foreach (ref var sample in destination.Span[..count])
                sample = _last = (0.8f * _last) + (Level * ((2 * _random.NextSingle()) - 1));
            _left -= count;
            return ValueTask.FromResult(count);
        }
    }
}
