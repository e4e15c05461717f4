using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Echo.WebRtc;

/// <summary>
/// WebRTC's echo canceller (AEC3) and high-pass filter, out of the library with which LiveKit's clients join rooms. Its noise
/// suppression and gain control are off: what the recogniser hears should be the user as he sounds.
/// </summary>
public sealed unsafe class WebRtcCanceller : IEchoCanceller
{
    private const int SampleRate = 16_000;
    private const int FrameSamples = SampleRate / 100;
    private static readonly Lock s_lock = new();
    private static bool s_initialized;

    private readonly bool _noiseSuppression;
    private readonly bool _gainControl;
    // The library is told addresses, so this memory never moves.
    private Buffers* _buffers;
    private ulong _apm;
    private int _delayLength;
    private int _reverseLength;
    private int _streamLength;

    /// <param name="folders">Folders of the installed part and of those it depends on.</param>
    /// <param name="noiseSuppression">Also suppress steady noise.</param>
    /// <param name="gainControl">Also bring speech to an even level.</param>
    /// <exception cref="DllNotFoundException">The library is not in the folders or cannot be loaded.</exception>
    /// <exception cref="InvalidOperationException">The library refused to make a canceller.</exception>
    public WebRtcCanceller(IReadOnlyList<string> folders, bool noiseSuppression = false, bool gainControl = false)
    {
        ArgumentNullException.ThrowIfNull(folders);
        NativeLibraries.Load(LiveKitNative.Library, LiveKitNative.File, [.. folders]);
        Initialize();
        (_noiseSuppression, _gainControl) = (noiseSuppression, gainControl);
        _buffers = (Buffers*)NativeMemory.AlignedAlloc((nuint)sizeof(Buffers), 64);
        Open();
    }

    ~WebRtcCanceller() => Free();

    public string Id => "webrtc";

    /// <summary>As measured by correlation on a real recording of a user who speaks alone; AEC3 itself works in blocks of 64.</summary>
    public int DelaySamples => 125;

    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, Span<float> cleaned)
    {
        ObjectDisposedException.ThrowIf(_buffers is null, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual(captured.Length, FrameSamples);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rendered.Length, FrameSamples);
        Pcm16.FromFloat(captured, _buffers->Captured);
        Pcm16.FromFloat(rendered, _buffers->Rendered);
        Send(_buffers->Reverse, _reverseLength, FfiMessage.ProcessReverseStream);
        Send(_buffers->Delay, _delayLength, FfiMessage.SetStreamDelay);
        Send(_buffers->Stream, _streamLength, FfiMessage.ProcessStream);
        Pcm16.ToFloat(_buffers->Captured, cleaned);
    }

    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_buffers is null, this);
        LiveKitNative.DropHandle(_apm);
        _apm = 0;
        Open();
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static void Initialize()
    {
        lock (s_lock)
        {
            if (s_initialized)
                return;
            fixed (byte* name = "voiceconsole\0"u8, version = "1\0"u8)
                LiveKitNative.Initialize(&Ignore, 0, name, version);
            s_initialized = true;
        }
    }

    // Nothing asked for here is answered later.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Ignore(byte* message, nuint length) { }

    private void Open()
    {
        Span<byte> request = stackalloc byte[FfiMessage.MaxLength];
        // Fields: echo canceller, gain control, high-pass filter, noise suppression.
        var length = FfiMessage.Write(request, FfiMessage.NewApm, 1, _gainControl ? 1u : 0, 1, _noiseSuppression ? 1u : 0);
        byte* response;
        nuint responseLength;
        fixed (byte* bytes = request)
        {
            var handle = LiveKitNative.Request(bytes, (nuint)length, &response, &responseLength);
            if (handle != 0)
            {
                // NewApmResponse { apm { handle { id } } }
                var answer = FfiMessage.Open(new ReadOnlySpan<byte>(response, (int)responseLength), FfiMessage.NewApm - 1);
                _apm = FfiMessage.FirstNumber(FfiMessage.Open(FfiMessage.Open(answer, 1), 1));
                LiveKitNative.DropHandle(handle);
            }
        }

        if (_apm == 0)
            throw new InvalidOperationException("The WebRTC library made no echo canceller: its version differs from the one expected. Install it again with 'models pull'.");
        const ulong Bytes = FrameSamples * sizeof(short);
        _reverseLength = FfiMessage.Write(_buffers->Reverse, FfiMessage.ProcessReverseStream, _apm, (ulong)_buffers->RenderedAddress, Bytes, SampleRate, 1);
        _streamLength = FfiMessage.Write(_buffers->Stream, FfiMessage.ProcessStream, _apm, (ulong)_buffers->CapturedAddress, Bytes, SampleRate, 1);
        // Frames are pairs of one interval already; AEC3 finds the room's and the device's delay itself.
        _delayLength = FfiMessage.Write(_buffers->Delay, FfiMessage.SetStreamDelay, _apm, 0);
    }

    private static void Send(ReadOnlySpan<byte> request, int length, int message)
    {
        byte* response;
        nuint responseLength;
        ulong handle;
        fixed (byte* bytes = request)
            handle = LiveKitNative.Request(bytes, (nuint)length, &response, &responseLength);
        if (handle == 0)
            throw new InvalidOperationException("The WebRTC library did not understand a request.");
        var problem = FfiMessage.Open(new ReadOnlySpan<byte>(response, (int)responseLength), message - 1);
        var text = problem.IsEmpty ? null : FfiMessage.FirstText(problem);
        LiveKitNative.DropHandle(handle);
        if (text is not null)
            throw new InvalidOperationException($"The WebRTC echo canceller failed: {text}");
    }

    private void Free()
    {
        if (_buffers is null)
            return;
        if (_apm != 0)
            LiveKitNative.DropHandle(_apm);
        _apm = 0;
        NativeMemory.AlignedFree(_buffers);
        _buffers = null;
    }

    private struct Buffers
    {
        private fixed short _captured[FrameSamples];
        private fixed short _rendered[FrameSamples];
        private fixed byte _reverse[FfiMessage.MaxLength];
        private fixed byte _stream[FfiMessage.MaxLength];
        private fixed byte _delay[FfiMessage.MaxLength];

        public nint CapturedAddress => (nint)Unsafe.AsPointer(ref _captured[0]);
        public nint RenderedAddress => (nint)Unsafe.AsPointer(ref _rendered[0]);

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public Span<short> Captured => MemoryMarshal.CreateSpan(ref _captured[0], FrameSamples);

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public Span<short> Rendered => MemoryMarshal.CreateSpan(ref _rendered[0], FrameSamples);

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public Span<byte> Reverse => MemoryMarshal.CreateSpan(ref _reverse[0], FfiMessage.MaxLength);

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public Span<byte> Stream => MemoryMarshal.CreateSpan(ref _stream[0], FfiMessage.MaxLength);

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public Span<byte> Delay => MemoryMarshal.CreateSpan(ref _delay[0], FfiMessage.MaxLength);
    }
}
