using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// What PortAudio's callback shares with the conversation's loop. The callback moves samples and counts; it allocates
/// nothing and waits for nothing.
/// </summary>
internal sealed unsafe class HostStream : IDisposable
{
    // 4 s: a loop that is away for longer has worse problems.
    private const int Capacity = 65_536;

    // A sound server may take its time to wake up.
    private static readonly TimeSpan s_firstCall = TimeSpan.FromSeconds(5);

    private readonly SpscRing _captured = new(Capacity);
    private readonly SpscRing _rendered = new(Capacity);
    // 1 for each sample of Rendered that somebody gave, 0 for silence in between. Published last: its count is the pair's.
    private readonly SpscRing _given = new(Capacity);
    private readonly float[] _marks = new float[Capacity];
    private readonly Action _ready;
    private readonly TimeProvider _time;
    private PortAudioStream? _stream;
    private GCHandle _self;
    private long _underruns;
    private long _overruns;
    private long _lost;
    private long _lastCall;
    private int _more;
    private bool _called;

    public HostStream(Action ready, TimeProvider time)
    {
        _ready = ready;
        _time = time;
        _marks.AsSpan().Fill(1);
        _lastCall = time.GetTimestamp();
    }

    public PlaybackRing Playback { get; } = new(4096);

    public long Underruns => Interlocked.Read(ref _underruns);

    public long Overruns => Interlocked.Read(ref _overruns);

    /// <summary>Samples between rendering and loudspeaker, as the system says.</summary>
    public int RenderLatency { get; private set; }

    /// <summary>The caller has more to say: running dry counts.</summary>
    public bool More { set => Volatile.Write(ref _more, value ? 1 : 0); }

    /// <summary>Whole pairs that wait for the loop, in samples.</summary>
    public int Waiting => _given.Count;

    /// <summary>Nothing has come from the device for that long.</summary>
    public bool IsSilentFor(TimeSpan time) =>
        _stream is null || PortAudioNative.IsActive(_stream) != 1
        || _time.GetElapsedTime(Interlocked.Read(ref _lastCall)) > (Volatile.Read(ref _called) ? time : s_firstCall);

    /// <summary>Opens the devices at a rate and starts them.</summary>
    /// <exception cref="AudioDeviceException">They cannot be opened.</exception>
    public void Open(int input, int output, int sampleRate)
    {
        Close();
        _self = GCHandle.Alloc(this);
        var from = new PortAudioNative.StreamParameters { Device = input, Channels = 1, Format = PortAudioNative.Float32, Latency = PortAudioNative.Info(input)->LowInputLatency };
        var to = new PortAudioNative.StreamParameters { Device = output, Channels = 1, Format = PortAudioNative.Float32, Latency = PortAudioNative.Info(output)->LowOutputLatency };
        var error = PortAudioNative.Open(out var stream, &from, &to, sampleRate, (nuint)(sampleRate / 100), 0, &Callback, GCHandle.ToIntPtr(_self));
        _stream = stream;
        Interlocked.Exchange(ref _lastCall, _time.GetTimestamp());
        Volatile.Write(ref _called, false);
        if (error == 0)
            error = PortAudioNative.Start(stream);
        if (error != 0)
        {
            Close();
            throw new AudioDeviceException($"The sound devices cannot be opened at {sampleRate} Hz: {PortAudioNative.Describe(error)}. Close other programs that use them, or choose the system's 'pulse' or 'default' device with --mic and --speaker (see 'devices').");
        }

        RenderLatency = (int)(PortAudioNative.Info(stream)->OutputLatency * sampleRate);
    }

    public void Close()
    {
        _stream?.Dispose();
        _stream = null;
        if (_self.IsAllocated)
            _self.Free();
    }

    public void Dispose() => Close();

    /// <summary>Takes one frame; there must be one waiting. Returns how many of its rendered samples somebody gave.</summary>
    public int Read(Span<float> captured, Span<float> rendered, Span<float> scratch)
    {
        _captured.Read(captured);
        _rendered.Read(rendered);
        _given.Read(scratch);
        var given = 0;
        foreach (var mark in scratch)
            given += mark > 0 ? 1 : 0;
        return given;
    }

    /// <summary>Samples that the callback had to drop since the last call.</summary>
    public long TakeLost() => Interlocked.Exchange(ref _lost, 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Callback(float* input, float* output, nuint frames, void* times, nuint flags, nint user)
    {
        var self = (HostStream)GCHandle.FromIntPtr(user).Target!;
        self.Move(new ReadOnlySpan<float>(input, input is null ? 0 : (int)frames), new Span<float>(output, (int)frames), flags);
        return 0;
    }

    private void Move(ReadOnlySpan<float> input, Span<float> output, nuint flags)
    {
        Interlocked.Exchange(ref _lastCall, _time.GetTimestamp());
        Volatile.Write(ref _called, true);
        if ((flags & PortAudioNative.InputOverflow) != 0)
            Interlocked.Increment(ref _overruns);
        output.Clear();
        // What nobody will read back must not be rendered either: it would never be known as heard.
        if (input.Length != output.Length || _given.Capacity - _given.Count < output.Length)
        {
            Interlocked.Add(ref _lost, output.Length);
            Interlocked.Increment(ref _overruns);
            _ready();
            return;
        }

        var count = Playback.Take(output);
        // Counted once until there is something to say again; a system that ran dry by itself counts, too.
        if ((count < output.Length && Interlocked.Exchange(ref _more, 0) == 1) || ((flags & PortAudioNative.OutputUnderflow) != 0 && count > 0))
            Interlocked.Increment(ref _underruns);
        _captured.Write(input);
        _rendered.Write(output);
        // The rest of the output is silence, which is just what its marks are.
        _given.Write(_marks.AsSpan(0, count));
        _given.Write(output[count..]);
        _ready();
    }
}
