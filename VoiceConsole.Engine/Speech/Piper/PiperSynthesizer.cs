using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Speech.Espeak;

namespace VoiceConsole.Engine.Speech.Piper;

/// <summary>A Piper voice, by ONNX Runtime: phonemes by espeak-ng, sound by the model, a clause at a time.</summary>
/// <remarks>One part is made at a time; disposal waits for it.</remarks>
public sealed class PiperSynthesizer : ISpeechSynthesizer, IBareVoice
{
    // About eight seconds of speech; a shorter first part, for which the listener waits.
    private const int LongestPart = 120, FirstPart = 60;

    // A voice that is quieter than this at its loudest is not raised further: it may have whispered on purpose.
    private const float QuietestPeak = 0.1f;

    private readonly PiperConfig _config;
    private readonly InferenceSession _session;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly TaskScheduler _work;
    private readonly float[] _scales;
    private readonly long? _speaker;
    private int _disposed;

    /// <param name="onnxFile">The model; its .onnx.json lies beside it.</param>
    /// <param name="folders">Folders of the installed part "espeak-ng" and of what it needs.</param>
    /// <param name="style">Speaker and scales; null for the voice's own.</param>
    /// <param name="threads">Processor threads, 1 or more.</param>
    /// <param name="work">Where the sound is made.</param>
    /// <exception cref="InvalidDataException">Not a Piper voice, damaged, or its two files contradict each other.</exception>
    /// <exception cref="ArgumentException">It has no such speaker.</exception>
    public PiperSynthesizer(string onnxFile, IReadOnlyList<string> folders, VoiceStyle? style, int threads, TaskScheduler work)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        _work = work;
        _config = PiperConfig.Read(onnxFile);
        if (_config.EspeakVoice.Length > 0)
        {
            EspeakLibrary.Load(folders);
            lock (EspeakLibrary.Lock)
                EspeakLibrary.Choose(_config.EspeakVoice);
        }

        var speaker = _config.Speaker(style?.Speaker);
        _speaker = _config.Speakers > 1 ? speaker : null;
        _scales = [style?.Noise ?? _config.Scales.Noise, style?.Length ?? _config.Scales.Length, style?.LengthNoise ?? _config.Scales.LengthNoise];
        try
        {
            using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            _session = new InferenceSession(onnxFile, options);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException($"{Path.GetFileName(onnxFile)} is no model that can be loaded; it may be cut off. Fetch it again. ({error.Message})", error);
        }

        try
        {
            CheckAgreement();
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>The name of its files, for example "en_US-hfc_female-medium".</summary>
    public string Id => _config.Name;

    public IReadOnlyList<string> Languages => [_config.Language];

    public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        var gain = float.PositiveInfinity;
        foreach (var range in ClauseParts.Of(text, LongestPart, FirstPart))
        {
            var part = text[range];
            await _one.WaitAsync(cancellationToken);
            float[] samples;
            try
            {
                ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) == 1, this);
                samples = await Task.Factory.StartNew(() => Run(Ids(part)), cancellationToken, TaskCreationOptions.DenyChildAttach, _work);
            }
            finally
            {
                _one.Release();
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (samples.Length == 0)
                continue;
            // As loud as Piper makes it: the first part's peak at full scale, the rest no louder than that allows.
            gain = Math.Min(gain, 1 / Math.Max(QuietestPeak, Math.Abs(TensorPrimitives.MaxMagnitude(samples))));
            TensorPrimitives.Multiply(samples, gain, samples);
            yield return new SpeechAudio(
                samples, _config.SampleRate, [.. WordEstimate.For(part, samples.Length).Select(w => w with { TextStart = w.TextStart + range.Start.Value })]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await _one.WaitAsync();
        _session.Dispose();
        _one.Dispose();
    }

    (int Rate, int Count) IBareVoice.Speak(string text, string language) => (_config.SampleRate, Run(Ids(text)).Length);

    private long[] Ids(string text) => PiperPhonemes.Ids(PiperPhonemes.Of(text, _config.EspeakVoice), _config.Ids);

    private float[] Run(long[] ids)
    {
        try
        {
            using var input = OrtValue.CreateTensorValueFromMemory(ids, [1, ids.Length]);
            using var length = OrtValue.CreateTensorValueFromMemory(new long[] { ids.Length }, [1]);
            using var scales = OrtValue.CreateTensorValueFromMemory(_scales, [3]);
            using var speaker = OrtValue.CreateTensorValueFromMemory(new[] { _speaker ?? 0 }, [1]);
            var inputs = new Dictionary<string, OrtValue> { ["input"] = input, ["input_lengths"] = length, ["scales"] = scales };
            if (_speaker is not null)
                inputs["sid"] = speaker;
            using var options = new RunOptions();
            using var outputs = _session.Run(options, inputs, [_session.OutputNames[0]]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException($"{Id} cannot speak: its model refuses what its JSON describes, so the two do not belong together. Fetch both again. ({error.Message})", error);
        }
    }

    // The model's names and types, and one inference with the largest id: a map made for another model asks for one that this has not.
    private void CheckAgreement()
    {
        string[] names = ["input", "input_lengths", "scales", .. _session.InputNames.Contains("sid") ? ["sid"] : Array.Empty<string>()];
        if (!names.ToHashSet().SetEquals(_session.InputNames) || _session.OutputNames.Count == 0 || _session.InputMetadata["input"].ElementDataType != Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64
            || _session.OutputMetadata.First().Value.ElementDataType != Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float)
        {
            throw new InvalidDataException($"{Id} is no Piper voice: its model takes {string.Join(", ", _session.InputNames)}, and a Piper voice takes input, input_lengths and scales.");
        }

        if (names.Contains("sid") != _config.Speakers > 1)
            throw new InvalidDataException($"{Id}'s JSON says {_config.Speakers} speaker{(_config.Speakers > 1 ? "s" : "")}, and its model {(names.Contains("sid") ? "has several" : "has one")}. The two files do not belong together.");
        if (_session.ModelMetadata.CustomMetadataMap.TryGetValue("sample_rate", out var rate) && rate != $"{_config.SampleRate}")
            throw new InvalidDataException($"{Id}'s JSON says {_config.SampleRate} samples per second, and its model {rate}. The two files do not belong together.");
        long[] Symbol(string name) => [.. _config.Ids[name].Select(i => (long)i)];
        Run([.. Symbol(PiperConfig.Begin), .. Symbol(PiperConfig.Pad), _config.Ids.Values.SelectMany(i => i).Max(), .. Symbol(PiperConfig.Pad), .. Symbol(PiperConfig.End)]);
    }
}
