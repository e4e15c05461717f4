using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Echo.Speex;

/// <summary>
/// Speex's adaptive filter, and its preprocessor for the echo the filter leaves. Small and everywhere to be had, but weak in
/// real rooms: the fallback of the WebRTC canceller.
/// </summary>
public sealed unsafe class SpeexCanceller : IEchoCanceller
{
    // 256 ms of echo path, device delay included; a longer filter follows a changing room more slowly.
    private const int TailMilliseconds = 256;
    private readonly int _sampleRate;
    private readonly short[] _captured;
    private readonly short[] _rendered;
    private readonly short[] _cleaned;
    private nint _echo;
    private nint _preprocessor;

    /// <param name="folders">Folders of the installed part and of those it depends on.</param>
    /// <param name="sampleRate">Samples per second, 8,000 to 48,000.</param>
    /// <exception cref="DllNotFoundException">The library is not in the folders or cannot be loaded.</exception>
    public SpeexCanceller(IReadOnlyList<string> folders, int sampleRate = 16_000)
    {
        ArgumentNullException.ThrowIfNull(folders);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 8_000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sampleRate, 48_000);
        NativeLibraries.Load(SpeexNative.Library, SpeexNative.File, [.. folders]);
        _sampleRate = sampleRate;
        var frame = sampleRate / 100;
        (_captured, _rendered, _cleaned) = (new short[frame], new short[frame], new short[frame]);
        _echo = SpeexNative.EchoStateInit(frame, sampleRate * TailMilliseconds / 1000);
        _ = SpeexNative.EchoControl(_echo, SpeexNative.EchoSetSamplingRate, &sampleRate);
        _preprocessor = CreatePreprocessor();
    }

    ~SpeexCanceller() => Free();

    public string Id => "speex";

    /// <summary>The preprocessor overlaps its windows by one frame.</summary>
    public int DelaySamples => _captured.Length;

    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, Span<float> cleaned)
    {
        ObjectDisposedException.ThrowIf(_echo == 0, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual(captured.Length, _captured.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rendered.Length, _captured.Length);
        Pcm16.FromFloat(captured, _captured);
        Pcm16.FromFloat(rendered, _rendered);
        fixed (short* microphone = _captured, loudspeaker = _rendered, result = _cleaned)
        {
            SpeexNative.EchoCancellation(_echo, microphone, loudspeaker, result);
            _ = SpeexNative.PreprocessRun(_preprocessor, result);
        }

        Pcm16.ToFloat(_cleaned, cleaned);
    }

    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_echo == 0, this);
        SpeexNative.EchoStateReset(_echo);
        // The preprocessor knows no reset of its own.
        SpeexNative.PreprocessStateDestroy(_preprocessor);
        _preprocessor = CreatePreprocessor();
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private nint CreatePreprocessor()
    {
        var state = SpeexNative.PreprocessStateInit(_captured.Length, _sampleRate);
        // With its noise suppression off the preprocessor suppresses no echo either, so it is on, at 0 dB.
        Set(state, SpeexNative.PreprocessSetDenoise, 1);
        Set(state, SpeexNative.PreprocessSetNoiseSuppress, 0);
        Set(state, SpeexNative.PreprocessSetEchoSuppress, -40);
        Set(state, SpeexNative.PreprocessSetEchoSuppressActive, -15);
        _ = SpeexNative.PreprocessControl(state, SpeexNative.PreprocessSetEchoState, (void*)_echo);
        return state;
    }

    private static void Set(nint state, int request, int value) => _ = SpeexNative.PreprocessControl(state, request, &value);

    private void Free()
    {
        if (_echo == 0)
            return;
        SpeexNative.PreprocessStateDestroy(_preprocessor);
        SpeexNative.EchoStateDestroy(_echo);
        (_echo, _preprocessor) = (0, 0);
    }
}
