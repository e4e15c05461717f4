using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Speech.Sherpa;

/// <summary>A streaming model of sherpa-onnx: its words come while the user speaks, and hardly a moment after the end.</summary>
public sealed class SherpaStreamingRecognizer : ISpeechRecognizer, IBareRecognizer
{
    // 100 ms: a cancelled utterance is left within one block.
    private const int Block = 1_600;

    // The model looks ahead: silence behind the end brings out the last words.
    private const int Tail = 10_400;

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly TaskScheduler _work;
    private readonly string _language;
    private readonly nint _recognizer;
    private int _disposed;

    internal SherpaStreamingRecognizer(SherpaModel model, IReadOnlyList<string> folders, string language, int threads, TaskScheduler work)
    {
        (_work, _language, Id) = (work, language.Length > 0 ? language : "en", model.Name);
        SherpaNative.Load(folders);
        using var settings = new SherpaSettings();
        // SherpaOnnxOnlineRecognizerConfig.
        settings.Number(0, 16_000).Number(4, 80).Text(56, model["tokens"]).Number(64, threads).Text(72, "cpu").Text(144, "greedy_search").Number(152, 4);
        switch (model.Family)
        {
            case SherpaFamily.StreamingTransducer:
                settings.Text(8, model["encoder"]).Text(16, model["decoder"]).Text(24, model["joiner"]);
                break;
            case SherpaFamily.StreamingParaformer:
                settings.Text(32, model["encoder"]).Text(40, model["decoder"]);
                break;
            default:
                settings.Text(48, model["model"]);
                break;
        }

        _recognizer = SherpaNative.StreamingCreate(settings.Address);
        if (_recognizer == 0)
            throw new InvalidDataException($"sherpa-onnx cannot use {model.Name}. Take the model from sherpa-onnx' own list.");
    }

    public string Id { get; }

    /// <summary>Not told by the model: its maker's page does.</summary>
    public IReadOnlyList<string> Languages { get; } = [];

    public async IAsyncEnumerable<Transcript> RecognizeAsync(ISpeechSource speech, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(speech);
        await _one.WaitAsync(cancellationToken);
        nint stream = 0;
        try
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) == 1, this);
            stream = SherpaNative.StreamingBegin(_recognizer);
            var block = new float[Block];
            var shown = "";
            while (await speech.ReadAsync(block, cancellationToken) is var count and > 0)
            {
                var text = await OnWorkAsync(() => Hear(stream, block.AsSpan(0, count), isEnd: false), cancellationToken);
                if (text.Length > 0 && text != shown)
                    yield return new Transcript(shown = text, false, _language);
            }

            yield return new Transcript(await OnWorkAsync(() => Hear(stream, new float[Tail], isEnd: true), cancellationToken), true, _language);
        }
        finally
        {
            if (stream != 0)
                SherpaNative.StreamingEnd(stream);
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await _one.WaitAsync();
        SherpaNative.StreamingFree(_recognizer);
        _one.Dispose();
    }

    string IBareRecognizer.Hear(float[] samples)
    {
        var stream = SherpaNative.StreamingBegin(_recognizer);
        try
        {
            Hear(stream, samples, isEnd: false);
            return Hear(stream, new float[Tail], isEnd: true);
        }
        finally
        {
            SherpaNative.StreamingEnd(stream);
        }
    }

    private unsafe string Hear(nint stream, ReadOnlySpan<float> samples, bool isEnd)
    {
        fixed (float* first = samples)
            SherpaNative.StreamingHear(stream, 16_000, first, samples.Length);
        if (isEnd)
            SherpaNative.StreamingFinish(stream);
        while (SherpaNative.StreamingIsReady(_recognizer, stream) != 0)
            SherpaNative.StreamingDecode(_recognizer, stream);
        var result = SherpaNative.StreamingResult(_recognizer, stream);
        if (result is null)
            return "";
        var text = Marshal.PtrToStringUTF8(*result)?.Trim() ?? "";
        SherpaNative.StreamingResultFree(result);
        return text;
    }

    private Task<T> OnWorkAsync<T>(Func<T> step, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(step, cancellationToken, TaskCreationOptions.DenyChildAttach, _work);
}
