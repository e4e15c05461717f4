using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Speech.Flite;

/// <summary>English by flite: small, fast, plain. Stands in for a Piper voice.</summary>
public sealed unsafe class FliteSynthesizer : ISpeechSynthesizer, IBareVoice
{
    private static readonly string[] s_names = ["slt", "rms", "awb", "kal16"];

    private const float Silence = 0.005f;

    // flite cannot be stopped: what is longer is made in parts, which takes half a second each.
    private const int LongestPart = 200;

    // flite keeps global tables; one sentence is made at a time in the process.
    private static readonly Lock s_lock = new();

    private readonly TaskScheduler _work;
    private readonly nint _voice;

    /// <param name="folders">Of the installed part, then those it needs.</param>
    /// <param name="voice">"slt", "rms", "awb" or "kal16".</param>
    /// <param name="work">Where the sound is made.</param>
    /// <exception cref="ArgumentException">There is no such voice.</exception>
    /// <exception cref="DllNotFoundException">The library cannot be loaded.</exception>
    public FliteSynthesizer(IReadOnlyList<string> folders, string voice, TaskScheduler work)
    {
        ArgumentNullException.ThrowIfNull(folders);
        if (!s_names.Contains(voice))
            throw new ArgumentException($"flite has no voice '{voice}'. It has: {string.Join(", ", s_names)}.", nameof(voice));
        _work = work;
        Id = $"flite-{voice}";
        string[] where = [.. folders];
        lock (s_lock)
        {
            FliteNoise.Use(NativeLibraries.Load(FliteNative.Library, "libflite.so.1", where));
            _ = FliteNative.Init();
            var library = NativeLibraries.Load($"flite-{voice}", $"libflite_cmu_us_{voice}.so.1", where);
            var register = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, $"register_cmu_us_{voice}");
            _voice = register(0);
        }
    }

    public string Id { get; }

    public IReadOnlyList<string> Languages { get; } = ["en"];

    public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var part in ClauseParts.Of(text, LongestPart, LongestPart))
        {
            var audio = await Task.Factory.StartNew(() => Make(text[part]), cancellationToken, TaskCreationOptions.DenyChildAttach, _work);
            cancellationToken.ThrowIfCancellationRequested();
            if (!audio.Samples.IsEmpty)
                yield return audio with { Words = [.. audio.Words.Select(w => w with { TextStart = w.TextStart + part.Start.Value })] };
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    (int Rate, int Count) IBareVoice.Speak(string text, string language)
    {
        lock (s_lock)
        {
            FliteNoise.Restart();
            using var utterance = FliteNative.Synthesize(text, _voice);
            var header = *(FliteNative.WaveHeader*)FliteNative.Wave(utterance);
            return (header.SampleRate, header.Samples);
        }
    }

    private SpeechAudio Make(string text)
    {
        lock (s_lock)
        {
            // The same sentence sounds the same every time.
            FliteNoise.Restart();
            // Control characters would end the text early or be read out.
            using var utterance = FliteNative.Synthesize(string.Create(text.Length, text, static (to, from) =>
            {
                for (var i = 0; i < from.Length; i++)
                    to[i] = char.IsControl(from[i]) ? ' ' : from[i];
            }), _voice);
            var wave = utterance.IsInvalid ? 0 : FliteNative.Wave(utterance);
            if (wave == 0)
                throw new InvalidOperationException("flite made no sound of the sentence.");
            var header = *(FliteNative.WaveHeader*)wave;
            var samples = new float[header.Samples];
            var source = new ReadOnlySpan<short>((void*)header.Data, header.Samples);
            for (var i = 0; i < samples.Length; i++)
                samples[i] = source[i] / 32768f;
            return Trimmed(new SpeechAudio(samples, header.SampleRate, Words(utterance, text, header)));
        }
    }

    // flite begins with about 0.2 s of silence, which the user would wait through at every reply.
    private static SpeechAudio Trimmed(SpeechAudio audio)
    {
        var first = audio.Samples.Span.IndexOfAnyExceptInRange(-Silence, Silence);
        var cut = Math.Max(0, first - audio.SampleRate / 50);
        return audio with
        {
            Samples = audio.Samples[cut..],
            Words = [.. audio.Words.Select(w => w with { Start = Math.Max(0, w.Start - cut), End = Math.Max(0, w.End - cut) })],
        };
    }

    // flite's tokens are the text's words; the segments below them say when. A token that is not found leaves all to an estimate.
    private static List<WordTiming> Words(FliteUtterance utterance, string text, FliteNative.WaveHeader wave)
    {
        var words = new List<WordTiming>();
        var relation = FliteNative.Relation(utterance, "Token");
        var at = 0;
        var start = 0;
        for (var token = relation == 0 ? 0 : FliteNative.Head(relation); token != 0; token = FliteNative.Next(token))
        {
            var name = Marshal.PtrToStringUTF8(FliteNative.Text(token, "name"));
            var found = string.IsNullOrEmpty(name) ? -1 : text.IndexOf(name, at, StringComparison.Ordinal);
            if (found < 0)
                return [];
            at = found + name!.Length;
            while (at < text.Length && !char.IsWhiteSpace(text[at]))
                at++;
            var seconds = FliteNative.Float(token, "daughtern.R:SylStructure.daughtern.daughtern.R:Segment.end");
            var end = Math.Clamp((int)(seconds * wave.SampleRate), start, wave.Samples);
            words.Add(new WordTiming(found, at - found, start, end));
            start = end;
        }

        return words;
    }
}
