using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Speech.Espeak;

/// <summary>Any language by espeak-ng, Mandarin included: robotic, but clear. Stands in for Piper voices.</summary>
public sealed unsafe class EspeakSynthesizer : ISpeechSynthesizer
{
    // The library has one state for the process.
    private static readonly Lock s_lock = new();
    private static int s_sampleRate;
    private static readonly List<float> s_samples = [];
    private static readonly List<(int Position, int Length, int Sample)> s_words = [];
    private static CancellationToken s_cancellation;

    private readonly TaskScheduler _work;

    /// <param name="folders">Of the installed part, then those it needs.</param>
    /// <param name="work">Where the sound is made.</param>
    /// <exception cref="DllNotFoundException">The library cannot be loaded.</exception>
    /// <exception cref="InvalidDataException">Its data is missing or damaged.</exception>
    public EspeakSynthesizer(IReadOnlyList<string> folders, TaskScheduler work)
    {
        ArgumentNullException.ThrowIfNull(folders);
        _work = work;
        lock (s_lock)
        {
            if (s_sampleRate > 0)
                return;
            NativeLibraries.Load(EspeakNative.Library, "libespeak-ng.so.1", [.. folders]);
            var data = folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateDirectories(f, "espeak-ng-data", SearchOption.AllDirectories))
                .FirstOrDefault(d => File.Exists(Path.Combine(d, "phontab")))
                ?? throw new InvalidDataException("espeak-ng's data is missing. Fetch it again with 'models pull espeak-ng'.");
            var rate = EspeakNative.Initialize(EspeakNative.Synchronous, 200, Path.GetDirectoryName(data)!, EspeakNative.DontExit);
            if (rate <= 0)
                throw new InvalidDataException($"espeak-ng cannot use its data in {data}. Fetch it again with 'models pull espeak-ng'.");
            EspeakNative.SetCallback(&Collect);
            s_sampleRate = rate;
        }
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

    private static SpeechAudio Make(string text, string language, CancellationToken cancellationToken)
    {
        // Positions come in characters: what is no plain one becomes a space, so that they count as ours do.
        var plain = string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                to[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? ' ' : from[i];
        });
        lock (s_lock)
        {
            s_samples.Clear();
            s_words.Clear();
            s_cancellation = cancellationToken;
            if (EspeakNative.SetVoice(VoiceOf(language)) != 0)
                throw new ArgumentException($"espeak-ng does not speak '{language}'.", nameof(language));
            var result = EspeakNative.Synthesize(plain, (nuint)Encoding.UTF8.GetByteCount(plain) + 1, 0, EspeakNative.Character, 0, EspeakNative.Utf8, 0, 0);
            s_cancellation = default;
            if (result != 0)
                throw new InvalidOperationException($"espeak-ng could not speak the sentence (error {result}).");
            var words = new WordTiming[s_words.Count];
            for (var i = 0; i < words.Length; i++)
            {
                var (position, length, start) = s_words[i];
                var end = i + 1 < words.Length ? s_words[i + 1].Sample : s_samples.Count;
                var from = Math.Clamp(position - 1, 0, text.Length);
                words[i] = new WordTiming(from, Math.Clamp(length, 0, text.Length - from), Math.Min(start, s_samples.Count), Math.Clamp(end, start, Math.Max(start, s_samples.Count)));
            }

            return new SpeechAudio(s_samples.ToArray(), s_sampleRate, words);
        }
    }

    private static string VoiceOf(string language) => language.Split('-')[0].ToLowerInvariant() switch
    {
        "zh" => "cmn",
        "" => "en",
        var tag => tag,
    };

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
