using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Speech.PocketSphinx;

/// <summary>English by PocketSphinx: streams partial transcripts, needs no large model, errs often. Stands in for Whisper.</summary>
public sealed class PocketSphinxRecognizer : ISpeechRecognizer, IBareRecognizer
{
    // 100 ms: a cancelled utterance is left within one block.
    private const int Block = 1600;

    // A partial transcript at most every three blocks.
    private const int BlocksPerPartial = 3;

    private readonly TaskScheduler _work;
    private readonly PocketSphinxDecoder _decoder;
    private readonly OneAtATime _one = new();
    private readonly float[] _block = new float[Block];
    private readonly short[] _pcm = new short[Block];
    private int _disposed;

    /// <param name="folders">Of the installed part.</param>
    /// <param name="work">Where decoding runs.</param>
    /// <exception cref="DllNotFoundException">The library cannot be loaded.</exception>
    /// <exception cref="InvalidDataException">The model is missing or damaged.</exception>
    public PocketSphinxRecognizer(IReadOnlyList<string> folders, TaskScheduler work)
    {
        ArgumentNullException.ThrowIfNull(folders);
        _work = work;
        string[] where = [.. folders];
        // The library ends the process when a file of its model is cut off.
        foreach (var folder in folders)
        {
            if (PartManifest.Read(folder)?.Check(folder) is [var complaint, ..])
                throw new InvalidDataException($"PocketSphinx is damaged: {complaint} Delete {folder} and fetch it again with 'models pull pocketsphinx'.");
        }

        NativeLibraries.Load(PocketSphinxNative.BaseLibrary, "libsphinxbase.so.3", where);
        NativeLibraries.Load(PocketSphinxNative.Library, "libpocketsphinx.so.3", where);
        var model = folders.Select(f => Path.Combine(f, "usr/share/pocketsphinx/model/en-us")).FirstOrDefault(Directory.Exists)
            ?? throw new InvalidDataException("PocketSphinx' English model is missing. Fetch it again with 'models pull pocketsphinx'.");
        var settings = Settings(
            "-hmm", Path.Combine(model, "en-us"), "-lm", Path.Combine(model, "en-us.lm.bin"), "-dict", Path.Combine(model, "cmudict-en-us.dict"),
            // The second pass only begins when the user has finished, costs up to a second, and makes no fewer mistakes.
            "-fwdflat", "no",
            // Of up to 30,000 states in a frame only the likeliest are followed: in two thirds of the time, with as many words wrong.
            "-maxhmmpf", "6000", "-logfn", "/dev/null");
        try
        {
            _decoder = settings == 0 ? new PocketSphinxDecoder() : PocketSphinxNative.Create(settings);
        }
        finally
        {
            if (settings != 0)
                _ = PocketSphinxNative.FreeSettings(settings);
        }

        if (_decoder.IsInvalid)
            throw new InvalidDataException($"PocketSphinx cannot use the model in {model}. Fetch it again with 'models pull pocketsphinx'.");
    }

    public string Id => "pocketsphinx-en-us";

    public IReadOnlyList<string> Languages { get; } = ["en"];

    public async IAsyncEnumerable<Transcript> RecognizeAsync(ISpeechSource speech, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(speech);
        await _one.EnterAsync(cancellationToken);
        try
        {
            await OnWorkAsync(() => Check(PocketSphinxNative.Start(_decoder)), cancellationToken);
            try
            {
                var last = "";
                var blocks = 0;
                for (int count; (count = await FillAsync(speech, cancellationToken)) > 0;)
                {
                    var partial = ++blocks % BlocksPerPartial == 0;
                    var text = await OnWorkAsync(() => Decode(count, partial), cancellationToken);
                    if (text is not { Length: > 0 } || text == last)
                        continue;
                    last = text;
                    yield return new Transcript(text, false, "en");
                }
            }
            finally
            {
                // Also after a cancellation: a decoder left in mid-utterance refuses the next one.
                await OnWorkAsync(() => Check(PocketSphinxNative.End(_decoder)), CancellationToken.None);
            }

            cancellationToken.ThrowIfCancellationRequested();
            yield return new Transcript(await OnWorkAsync(Hypothesis, cancellationToken), true, "en");
        }
        finally
        {
            _one.Leave();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        // An utterance in progress is cancelled by its turn; it leaves the decoder within one block.
        await _one.EnterAsync(CancellationToken.None);
        _decoder.Dispose();
        _one.Dispose();
    }

    unsafe string IBareRecognizer.Hear(float[] samples)
    {
        var sound = Array.ConvertAll(samples, ToPcm);
        Check(PocketSphinxNative.Start(_decoder));
        fixed (short* pcm = sound)
            Check(PocketSphinxNative.Process(_decoder, pcm, (nuint)sound.Length, 0, 0));
        Check(PocketSphinxNative.End(_decoder));
        return Hypothesis();
    }

    private async ValueTask<int> FillAsync(ISpeechSource speech, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < Block)
        {
            var count = await speech.ReadAsync(_block.AsMemory(filled), cancellationToken);
            if (count == 0)
                break;
            filled += count;
        }

        return filled;
    }

    private unsafe string? Decode(int count, bool partial)
    {
        for (var i = 0; i < count; i++)
            _pcm[i] = ToPcm(_block[i]);
        fixed (short* pcm = _pcm)
            Check(PocketSphinxNative.Process(_decoder, pcm, (nuint)count, 0, 0));
        return partial ? Hypothesis() : null;
    }

    private static short ToPcm(float sample) => (short)Math.Clamp(sample * 32767f, short.MinValue, short.MaxValue);

    private string Hypothesis()
    {
        var text = PocketSphinxNative.Hypothesis(_decoder, out _);
        return text == 0 ? "" : Marshal.PtrToStringUTF8(text)!.Trim();
    }

    private static int Check(int result) => result >= 0 ? result : throw new InvalidOperationException("PocketSphinx refused the sound.");

    private Task<T> OnWorkAsync<T>(Func<T> step, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(step, cancellationToken, TaskCreationOptions.DenyChildAttach, _work);

    private static unsafe nint Settings(params string[] values)
    {
        var texts = values.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        try
        {
            fixed (nint* pointers = texts)
                return PocketSphinxNative.Parse(0, PocketSphinxNative.Arguments(), texts.Length, (byte**)pointers, 1);
        }
        finally
        {
            Array.ForEach(texts, Marshal.FreeCoTaskMem);
        }
    }
}
