using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// What PortAudio's callback shares with the conversation's loop, at 16 kHz whatever the host's format. The callback moves
/// samples, converts them and counts; it allocates nothing and waits for nothing.
/// </summary>
internal sealed unsafe class HostStream : IDisposable
{
    // 4 s: a loop that is away for longer has worse problems.
    private const int Capacity = 65_536;

    // A sound server may take its time to wake up.
    private static readonly TimeSpan s_firstCall = TimeSpan.FromSeconds(5);

    private readonly SpscRing _captured = new(Capacity);
    private readonly SpscRing _rendered = new(Capacity);
    // 1 for each sample of Rendered that somebody gave, 0 for silence in between.
    private readonly SpscRing _given = new(Capacity);
    private readonly float[] _marks = new float[Capacity];
    private readonly Action _ready;
    private readonly TimeProvider _time;
    private PortAudioStream? _stream;
    private HostFormat _format;
    private HostConverter _converter;
    private float[] _block = [];
    private GCHandle _self;
    // Rendered samples whose captured ones are not there yet.
    private int _ahead;
    private long _underruns;
    private long _overruns;
    private long _lost;
    private long _lastCall;
    private int _more;
    private bool _called;

    public HostStream(Action ready, TimeProvider time)
    {
        Prepare(new HostFormat(AudioFormat.Engine.SampleRate, 1, 1));
        _ready = ready;
        _time = time;
        _marks.AsSpan().Fill(1);
        _lastCall = time.GetTimestamp();
    }

    public PlaybackRing Playback { get; } = new(4096);

    public long Underruns => Interlocked.Read(ref _underruns);

    public long Overruns => Interlocked.Read(ref _overruns);

    /// <summary>Samples at 16 kHz between rendering and loudspeaker, as the system says.</summary>
    public int RenderLatency { get; private set; }

    /// <summary>Samples at 16 kHz between microphone and <see cref="Waiting"/> that conversion holds back.</summary>
    public int CaptureDelay => Volatile.Read(ref _converter).CaptureDelay;

    /// <summary>The caller has more to say: running dry counts.</summary>
    public bool More { set => Volatile.Write(ref _more, value ? 1 : 0); }

    /// <summary>Whole pairs that wait for the loop, in samples.</summary>
    public int Waiting => Math.Min(_captured.Count, _given.Count);

    /// <summary>Nothing has come from the device for that long.</summary>
    public bool IsSilentFor(TimeSpan time) =>
        _stream is null || PortAudioNative.IsActive(_stream) != 1
        || _time.GetElapsedTime(Interlocked.Read(ref _lastCall)) > (Volatile.Read(ref _called) ? time : s_firstCall);

    /// <summary>Opens the devices in the first of the formats that they take, and starts them.</summary>
    /// <exception cref="AudioDeviceException">They cannot be opened in any.</exception>
    public void Open(int input, int output, IEnumerable<HostFormat> formats)
    {
        Close();
        var first = 0;
        foreach (var format in formats)
        {
            var error = TryOpen(input, output, format);
            if (error == 0)
                return;
            first = first == 0 ? error : first;
            // No other format helps against anything else.
            if (error is not (PortAudioNative.InvalidChannels or PortAudioNative.InvalidRate or PortAudioNative.HostError))
                break;
        }

        throw new AudioDeviceException($"The sound devices cannot be opened together at any rate: {PortAudioNative.Describe(first)}. Close other programs that use them, or choose the system's 'pulse' or 'default' device with --mic and --speaker (see 'devices').");
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

    private int TryOpen(int input, int output, HostFormat format)
    {
        Prepare(format);
        _self = GCHandle.Alloc(this);
        var from = new PortAudioNative.StreamParameters { Device = input, Channels = format.Inputs, Format = PortAudioNative.Float32, Latency = PortAudioNative.Info(input)->LowInputLatency };
        var to = new PortAudioNative.StreamParameters { Device = output, Channels = format.Outputs, Format = PortAudioNative.Float32, Latency = PortAudioNative.Info(output)->LowOutputLatency };
        var error = PortAudioNative.Open(out var stream, &from, &to, format.Rate, (nuint)format.BlockFrames, 0, &Callback, GCHandle.ToIntPtr(_self));
        _stream = stream;
        Interlocked.Exchange(ref _lastCall, _time.GetTimestamp());
        Volatile.Write(ref _called, false);
        if (error == 0)
            error = PortAudioNative.Start(stream);
        if (error == 0)
            RenderLatency = (int)(PortAudioNative.Info(stream)->OutputLatency * AudioFormat.Engine.SampleRate);
        else
            Close();
        return error;
    }

    // While nothing calls back.
    [MemberNotNull(nameof(_converter))]
    private void Prepare(HostFormat format)
    {
        _format = format;
        Volatile.Write(ref _converter, new HostConverter(format));
        _block = new float[_converter.MaxSamples];
        // What the filters held of the last stream never comes.
        _captured.Write(new float[_ahead]);
        _ahead = 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Callback(float* input, float* output, nuint frames, void* times, nuint flags, nint user)
    {
        var self = (HostStream)GCHandle.FromIntPtr(user).Target!;
        var format = self._format;
        self.Begin(flags);
        for (int at = 0, block; at < (int)frames; at += block)
        {
            block = Math.Min((int)frames - at, format.BlockFrames);
            self.Move(
                input is null ? default : new ReadOnlySpan<float>(input + at * format.Inputs, block * format.Inputs),
                new Span<float>(output + at * format.Outputs, block * format.Outputs), block, (flags & PortAudioNative.OutputUnderflow) != 0);
        }

        self._ready();
        return 0;
    }

    private void Begin(nuint flags)
    {
        Interlocked.Exchange(ref _lastCall, _time.GetTimestamp());
        Volatile.Write(ref _called, true);
        if ((flags & PortAudioNative.InputOverflow) != 0)
            Interlocked.Increment(ref _overruns);
    }

    /// <summary>The callback's work on at most one block.</summary>
    internal void Move(ReadOnlySpan<float> input, Span<float> output, int frames, bool ranDry)
    {
        var rendered = _block.AsSpan(0, _converter.SamplesFor(frames));
        // What nobody will read back must not be rendered either: it would never be known as heard.
        if (input.IsEmpty || _given.Capacity - _given.Count < rendered.Length)
        {
            output.Clear();
            Interlocked.Add(ref _lost, (long)frames * AudioFormat.Engine.SampleRate / _format.Rate);
            Interlocked.Increment(ref _overruns);
            return;
        }

        rendered.Clear();
        var count = Playback.Take(rendered);
        // Counted once until there is something to say again; a system that ran dry by itself counts, too.
        if ((count < rendered.Length && Interlocked.Exchange(ref _more, 0) == 1) || (ranDry && count > 0))
            Interlocked.Increment(ref _underruns);
        _converter.Render(rendered, output);
        _rendered.Write(rendered);
        // The rest of what was rendered is silence, which is just what its marks are.
        _given.Write(_marks.AsSpan(0, count));
        _given.Write(rendered[count..]);
        var captured = _block.AsSpan(0, _converter.Capture(input, _block));
        _captured.Write(captured);
        _ahead += rendered.Length - captured.Length;
    }
}
