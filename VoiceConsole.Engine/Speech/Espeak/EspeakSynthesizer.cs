using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Speech.Espeak;

/// <summary>Any language by espeak-ng, Mandarin included: robotic, but clear. Stands in for Piper voices.</summary>
public sealed unsafe class EspeakSynthesizer : ISpeechSynthesizer, IBareVoice
{
    // The library has one state for the process, and so have we.
    private static readonly List<float> s_samples = [];
    private static readonly List<(int Position, int Length, int Sample)> s_words = [];
    private static CancellationToken s_cancellation;

    private static readonly SearchValues<char> s_marks = SearchValues.Create("，。、；：？！…—·,.;:?!&");

    private readonly TaskScheduler _work;

    /// <param name="folders">Of the installed part, then those it needs.</param>
    /// <param name="work">Where the sound is made.</param>
    /// <exception cref="DllNotFoundException">The library cannot be loaded.</exception>
    /// <exception cref="InvalidDataException">Its data is missing or damaged.</exception>
    public EspeakSynthesizer(IReadOnlyList<string> folders, TaskScheduler work)
    {
        _work = work;
        EspeakLibrary.LoadAnew(folders);
    }

    public string Id => "espeak-ng";

    public IReadOnlyList<string> Languages { get; } = [];

    public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(language);
        if (!text.Any(char.IsLetterOrDigit))
            yield break;
        var audio = await Task.Factory.StartNew(() => Make(text, language, cancellationToken), cancellationToken, TaskCreationOptions.DenyChildAttach, _work);
        cancellationToken.ThrowIfCancellationRequested();
        if (!audio.Samples.IsEmpty)
            yield return audio;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    (int Rate, int Count) IBareVoice.Speak(string text, string language)
    {
        lock (EspeakLibrary.Lock)
        {
            s_samples.Clear();
            s_words.Clear();
            EspeakLibrary.Choose(language);
            EspeakLibrary.Native.SetCallback(&Collect);
            _ = EspeakLibrary.Native.Synthesize(text, EspeakNative.Utf8);
            return (EspeakLibrary.SampleRate, s_samples.Count);
        }
    }

    private static SpeechAudio Make(string text, string language, CancellationToken cancellationToken)
    {
        // Positions come in characters: what is no plain one becomes a space, so that they count as ours do.
        var plain = string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                to[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? ' ' : from[i];
        });
        var mixed = EspeakLibrary.IsMandarin(language) && plain.Any(char.IsAsciiLetter) ? MixedText.ToSsml(plain) : null;
        var spoken = mixed?.Text ?? plain;
        lock (EspeakLibrary.Lock)
        {
            s_samples.Clear();
            s_words.Clear();
            s_cancellation = cancellationToken;
            EspeakLibrary.Choose(language);
            EspeakLibrary.Native.SetCallback(&Collect);
            var result = EspeakLibrary.Native.Synthesize(spoken, EspeakNative.Utf8 | (mixed is null ? 0 : EspeakNative.Ssml));
            s_cancellation = default;
            if (result != 0)
                throw new InvalidOperationException($"espeak-ng could not speak the sentence (error {result}).");
            var words = new List<WordTiming>(s_words.Count);
            for (var i = 0; i < s_words.Count; i++)
            {
                var (position, length, start) = s_words[i];
                var end = i + 1 < s_words.Count ? s_words[i + 1].Sample : s_samples.Count;
                var from = Math.Clamp(position - 1, 0, spoken.Length);
                length = Math.Clamp(length, 0, spoken.Length - from);
                // Marks are told as words, too, and not in their order.
                if (spoken.AsSpan(from, length).IndexOfAnyExcept(s_marks) >= 0)
                    words.Add(new WordTiming(from, length, Math.Min(start, s_samples.Count), Math.Clamp(end, start, Math.Max(start, s_samples.Count))));
            }

            return new SpeechAudio(s_samples.ToArray(), EspeakLibrary.SampleRate, mixed?.ToWritten(words) ?? words);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Collect(short* samples, int count, EspeakNative.Event* events)
    {
        for (var i = 0; samples is not null && i < count; i++)
            s_samples.Add(samples[i] / 32768f);
        for (; events is not null && events->Type != 0; events++)
        {
            if (events->Type == EspeakNative.WordEvent)
                s_words.Add((events->TextPosition, events->Length, events->Sample));
        }

        return s_cancellation.IsCancellationRequested ? 1 : 0;
    }
}
