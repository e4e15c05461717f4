using Microsoft.ML.OnnxRuntime;

namespace VoiceConsole.Engine.Speech.Silero;

/// <summary>Silero VAD v6 by ONNX Runtime: windows of 512 samples at 16 kHz, each seen with the 64 before it.</summary>
public sealed class SileroVoiceDetector : IVoiceDetector
{
    private const int Context = 64;
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _run = new();
    private readonly OrtValue[] _values;
    private readonly float[] _input = new float[Context + 512];
    private readonly float[] _state = new float[2 * 128];
    private readonly float[] _nextState = new float[2 * 128];
    private readonly float[] _probability = new float[1];

    /// <exception cref="InvalidDataException">Not the model it should be: truncated, or another one.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public SileroVoiceDetector(string modelFile)
    {
        if (!File.Exists(modelFile))
            throw new FileNotFoundException($"The voice detector's model is not at {modelFile}. Fetch it with 'models pull silero-vad'.", modelFile);
        try
        {
            using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            _session = new InferenceSession(modelFile, options);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException($"{Path.GetFileName(modelFile)} is no model that can be loaded; it may be cut off. Fetch it again with 'models pull silero-vad'. ({error.Message})", error);
        }

        if (!_session.InputNames.SequenceEqual(["input", "state", "sr"]) || _session.OutputNames.Count != 2)
        {
            _session.Dispose();
            throw new InvalidDataException($"{Path.GetFileName(modelFile)} is another model: a Silero voice detector takes input, state and sr.");
        }

        // Bound once to our own arrays, so that a window costs no allocation.
        _values =
        [
            OrtValue.CreateTensorValueFromMemory(_input, [1, _input.Length]),
            OrtValue.CreateTensorValueFromMemory(_state, [2, 1, 128]),
            OrtValue.CreateTensorValueFromMemory(new long[] { 16_000 }, []),
            OrtValue.CreateTensorValueFromMemory(_probability, [1, 1]),
            OrtValue.CreateTensorValueFromMemory(_nextState, [2, 1, 128]),
        ];
        _binding = _session.CreateIoBinding();
        for (var i = 0; i < 3; i++)
            _binding.BindInput(_session.InputNames[i], _values[i]);
        for (var i = 0; i < 2; i++)
            _binding.BindOutput(_session.OutputNames[i], _values[3 + i]);
    }

    public string Id => "silero-vad";

    public int WindowSamples => 512;

    public float Detect(ReadOnlySpan<float> window)
    {
        if (window.Length != WindowSamples)
            throw new ArgumentException($"A window has {WindowSamples} samples, not {window.Length}.", nameof(window));
        // What is no sound must not stay in the state for good.
        for (var i = 0; i < window.Length; i++)
            _input[Context + i] = float.IsNaN(window[i]) ? 0 : Math.Clamp(window[i], -1, 1);
        _session.RunWithBinding(_run, _binding);
        _input.AsSpan(^Context..).CopyTo(_input);
        _nextState.CopyTo(_state, 0);
        return Math.Clamp(_probability[0], 0, 1);
    }

    public void Reset()
    {
        Array.Clear(_state);
        Array.Clear(_input);
    }

    public void Dispose()
    {
        _binding.Dispose();
        foreach (var value in _values)
            value.Dispose();
        _run.Dispose();
        _session.Dispose();
    }
}
