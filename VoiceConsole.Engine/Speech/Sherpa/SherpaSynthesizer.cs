using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Speech.Espeak;

namespace VoiceConsole.Engine.Speech.Sherpa;

/// <summary>A voice of sherpa-onnx: VITS, Matcha, Kokoro, Kitten, and those that take on the voice of a recording.</summary>
/// <remarks>One part is made at a time; disposal waits for it.</remarks>
public sealed class SherpaSynthesizer : ISpeechSynthesizer, IBareVoice
{
    private const int LongestPart = 120, FirstPart = 60;

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly TaskScheduler _work;
    private readonly nint _voice;
    private readonly int _speaker, _rate;
    private readonly float _speed;
    private readonly SherpaReference? _reference;
    private int _disposed;

    /// <param name="model">What to load.</param>
    /// <param name="folders">Folders of the installed parts "sherpa-onnx" and "espeak-ng".</param>
    /// <param name="style">Speaker, by number, and scales; null for the voice's own.</param>
    /// <param name="threads">Processor threads, 1 or more.</param>
    /// <param name="work">Where the sound is made.</param>
    /// <exception cref="InvalidDataException">The library cannot use it.</exception>
    /// <exception cref="ArgumentException">It has no such speaker.</exception>
    internal SherpaSynthesizer(SherpaModel model, IReadOnlyList<string> folders, VoiceStyle? style, int threads, TaskScheduler work)
    {
        (_work, Id) = (work, model.Name);
        Languages = LanguageOf(model);
        _speed = 1 / (style?.Length ?? 1);
        if (SherpaReference.Find(model.Folder, model.Family == SherpaFamily.ZipVoice) is { } recording && model.Family is SherpaFamily.Pocket or SherpaFamily.ZipVoice)
            _reference = SherpaReference.Read(recording);
        SherpaNative.Load(folders);
        using var settings = Settings(model, folders, style, threads);
        _voice = SherpaNative.VoiceCreate(settings.Address);
        if (_voice == 0)
            throw new InvalidDataException($"sherpa-onnx cannot use {model.Name}. Take the voice from sherpa-onnx' own list.");
        _rate = SherpaNative.VoiceRate(_voice);
        var speakers = Math.Max(1, SherpaNative.VoiceSpeakers(_voice));
        if (style?.Speaker is { } wish && (!int.TryParse(wish, out _speaker) || _speaker < 0 || _speaker >= speakers))
        {
            SherpaNative.VoiceFree(_voice);
            throw new ArgumentException($"{Id} has no speaker '{wish}': give a number from 0 to {speakers - 1}.");
        }
    }

    public string Id { get; }

    /// <summary>As far as the model tells; empty where it does not.</summary>
    public IReadOnlyList<string> Languages { get; }

    public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var range in ClauseParts.Of(text, LongestPart, FirstPart))
        {
            var part = text[range];
            await _one.WaitAsync(cancellationToken);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var sound = Channel.CreateUnbounded<(float[] Samples, float Progress)>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
            Task? work = null;
            try
            {
                ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) == 1, this);
                work = Task.Factory.StartNew(() => Say(part, sound.Writer, cancel.Token), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _work);
                var made = 0;
                await foreach (var (samples, progress) in sound.Reader.Items(cancellationToken))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return new SpeechAudio(samples, _rate, Words(part, range.Start.Value, made, samples.Length, progress));
                    made += samples.Length;
                }

                await work;
            }
            finally
            {
                cancel.Cancel();
                if (work is not null)
                    await work.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                _one.Release();
            }
        }
    }

    (int Rate, int Count) IBareVoice.Speak(string text, string language)
    {
        var sound = Channel.CreateUnbounded<(float[] Samples, float Progress)>();
        Say(text, sound.Writer, CancellationToken.None);
        var count = 0;
        while (sound.Reader.TryRead(out var piece))
            count += piece.Samples.Length;
        return (_rate, count);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await _one.WaitAsync();
        SherpaNative.VoiceFree(_voice);
        _one.Dispose();
    }

    // The words of a piece that comes after others, when that share of the text has been spoken with its end.
    private static IReadOnlyList<WordTiming> Words(string part, int offset, int before, int samples, float progress)
    {
        var whole = progress is > 0 and < 1 ? (int)((before + samples) / progress) : before + samples;
        var words = WordEstimate.For(part, whole);
        var here = words.Where(w => w.Start >= before && w.Start < before + samples).DefaultIfEmpty(words.LastOrDefault(w => w.Start < before));
        return [.. here.Select(w => new WordTiming(offset + w.TextStart, w.TextLength, Math.Max(0, w.Start - before), Math.Clamp(w.End - before, 0, samples)))];
    }

    // Writes the sound as it comes and closes the writer, with the error if there is one.
    private unsafe void Say(string text, ChannelWriter<(float[] Samples, float Progress)> sound, CancellationToken cancellationToken)
    {
        var saying = new Saying(sound, cancellationToken);
        var handle = GCHandle.Alloc(saying);
        Exception? failure = null;
        try
        {
            using var settings = new SherpaSettings();
            // SherpaOnnxGenerationConfig.
            settings.Real(0, 0.2f).Real(4, _speed).Number(8, _speaker);
            fixed (float* recording = _reference?.Samples)
            {
                if (_reference is not null)
                    settings.Pointer(16, (nint)recording).Number(24, _reference.Samples.Length).Number(28, SherpaReference.Rate).Text(32, _reference.Words).Number(40, 4);
                var made = SherpaNative.VoiceSay(_voice, text, settings.Address, &Take, GCHandle.ToIntPtr(handle));
                if (made is null)
                    return;
                // Some models give nothing before all of it is there.
                if (!saying.HasBegun && made->Count > 0)
                    sound.TryWrite((new ReadOnlySpan<float>(made->Samples, made->Count).ToArray(), 1));
                SherpaNative.SoundFree(made);
            }
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            handle.Free();
            sound.Complete(failure);
        }
    }

    // Returns whether to go on.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe int Take(float* samples, int count, float progress, nint handle)
    {
        var saying = (Saying)GCHandle.FromIntPtr(handle).Target!;
        if (saying.Cancellation.IsCancellationRequested)
            return 0;
        if (count > 0)
        {
            saying.HasBegun = true;
            saying.Sound.TryWrite((new ReadOnlySpan<float>(samples, count).ToArray(), progress));
        }

        return 1;
    }

    // SherpaOnnxOfflineTtsConfig.
    private static SherpaSettings Settings(SherpaModel model, IReadOnlyList<string> folders, VoiceStyle? style, int threads)
    {
        var own = Path.Combine(model.Folder, "espeak-ng-data");
        var phonemes = Directory.Exists(own) ? own : EspeakLibrary.DataFolder(folders) ?? "";
        var dictionary = Path.Combine(model.Folder, "dict");
        var words = Directory.Exists(dictionary) ? dictionary : "";
        var (noise, lengthNoise) = (style?.Noise ?? 0.667f, style?.LengthNoise ?? 0.8f);
        var settings = new SherpaSettings().Number(56, threads).Text(64, "cpu").Number(424, 1).Real(440, 0.2f);
        return model.Family switch
        {
            SherpaFamily.Vits => settings.Text(0, model["model"]).Text(8, model["lexicon"]).Text(16, model["tokens"]).Text(24, model["lexicon"].Length > 0 ? "" : phonemes)
                .Real(32, noise).Real(36, lengthNoise).Real(40, 1).Text(48, words),
            SherpaFamily.Matcha => settings.Text(72, model["acoustic"]).Text(80, model["vocoder"]).Text(88, model["lexicon"]).Text(96, model["tokens"]).Text(104, model["lexicon"].Length > 0 ? "" : phonemes)
                .Real(112, noise).Real(116, 1).Text(120, words),
            SherpaFamily.Kokoro => settings.Text(128, model["model"]).Text(136, model["voices"]).Text(144, model["tokens"]).Text(152, phonemes).Real(160, 1).Text(168, words).Text(176, model["lexicon"]),
            SherpaFamily.Kitten => settings.Text(192, model["model"]).Text(200, model["voices"]).Text(208, model["tokens"]).Text(216, phonemes).Real(224, 1),
            SherpaFamily.ZipVoice => settings.Text(232, model["tokens"]).Text(240, model["encoder"]).Text(248, model["decoder"]).Text(256, model["vocoder"]).Text(264, phonemes).Text(272, model["lexicon"])
                .Real(280, 0.1f).Real(284, 0.5f).Real(288, 0.1f).Real(292, 1),
            _ => settings.Text(296, model["flow"]).Text(304, model["main"]).Text(312, model["encoder"]).Text(320, model["decoder"]).Text(328, model["text"]).Text(336, model["vocabulary"]).Text(344, model["scores"]).Number(352, 50),
        };
    }

    private sealed class Saying(ChannelWriter<(float[] Samples, float Progress)> sound, CancellationToken cancellation)
    {
        public ChannelWriter<(float[] Samples, float Progress)> Sound => sound;

        public CancellationToken Cancellation => cancellation;

        public bool HasBegun { get; set; }
    }

    private static string[] LanguageOf(SherpaModel model) => model.Head.Metadata.GetValueOrDefault("language", "").ToLowerInvariant() switch
    {
        "english" => ["en"],
        "chinese" => ["zh"],
        "chinese+english" or "zh_en" or "chinese, english" => ["zh", "en"],
        _ => [],
    };
}
