using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using NAudio.Wave;

namespace VoiceConsole.Engine.Audio.Devices.NAudio;

/// <summary>
/// Microphone and loudspeaker of Windows by NAudio, for builds with -p:NuGetEngines=true. Windows converts to and from 16 kHz mono. A
/// device that goes away ends the sound: choosing it again wants a new conversation.
/// </summary>
[SupportedOSPlatform("windows")]
public sealed class NAudioDevice : IAudioDevice
{
    // 20 ms beyond the frame in progress, as the other devices have it.
    private const int QueueFrames = 3;

    private const int MaxBehindFrames = 100, Capacity = 65_536;

    // Of Windows' own, for each direction: as short as its mixer bears.
    private const int BufferMs = 20, Buffers = 3;

    private static readonly WaveFormat s_format = new(AudioFormat.Engine.SampleRate, 16, 1);

    private readonly SpscRing _captured = new(Capacity);
    private readonly Loudspeaker _loudspeaker;
    private readonly float[] _frame, _rendered, _scratch;
    private readonly WaveIn _input;
    private readonly WaveOut _output;
    private Action? _ready;
    private volatile string? _problem;
    private bool _isRunning;
    private long _position, _renderedTotal, _skipped, _lost;

    /// <param name="input">The microphone's number or a part of its name; null for the system's default.</param>
    /// <param name="output">The loudspeaker's; the same.</param>
    /// <param name="time">The system's.</param>
    /// <exception cref="AudioDeviceException">There is no such device; the message says what there is.</exception>
    public NAudioDevice(string? input, string? output, TimeProvider time)
    {
        var microphones = Enumerable.Range(0, WaveIn.DeviceCount).Select(i => WaveIn.GetCapabilities(i).ProductName).ToList();
        var loudspeakers = Enumerable.Range(0, WaveOut.DeviceCount).Select(i => WaveOut.GetCapabilities(i).ProductName).ToList();
        var (microphone, loudspeaker) = (Find(microphones, input, "microphone"), Find(loudspeakers, output, "loudspeaker"));
        Clock = new SampleClock(time, Format.SampleRate);
        Name = $"{microphones[microphone]} / {loudspeakers[loudspeaker]}";
        var frame = Format.FrameSamples;
        (_frame, _rendered, _scratch) = (new float[frame], new float[frame], new float[frame]);
        _loudspeaker = new Loudspeaker(() => _ready?.Invoke(), (int)Format.ToSamples(TimeSpan.FromMilliseconds(BufferMs * Buffers)));
        _input = new WaveIn { DeviceNumber = microphone, BufferMilliseconds = BufferMs, NumberOfBuffers = Buffers, WaveFormat = s_format };
        _output = new WaveOut { DeviceNumber = loudspeaker, BufferMilliseconds = BufferMs, NumberOfBuffers = Buffers };
        _input.DataAvailable += (_, sound) => Take(sound.BufferSpan);
        _input.RecordingStopped += (_, end) => Note("microphone", end.Exception);
        _output.PlaybackStopped += (_, end) => Note("loudspeaker", end.Exception);
    }

    public string Name { get; }

    public AudioFormat Format => AudioFormat.Engine;

    public SampleClock Clock { get; }

    public AudioDeviceStatus Status => new(
        !_isRunning ? AudioDeviceState.Stopped : _problem is null ? AudioDeviceState.Running : AudioDeviceState.Lost,
        _loudspeaker.Underruns, _skipped, _loudspeaker.Latency, _problem);

    public int WritableSamples => _isRunning && _problem is null ? Math.Max(0, (QueueFrames * Format.FrameSamples) - _loudspeaker.Playback.Count) : 0;

    public void Start(Action frameReady)
    {
        if (_isRunning)
            throw new InvalidOperationException($"{Name} was started before.");
        _ready = frameReady;
        try
        {
            _output.Init(_loudspeaker);
            Clock.Observe(0);
            _input.StartRecording();
            _output.Play();
        }
        catch (Exception error) when (error is global::NAudio.MmException or InvalidOperationException)
        {
            throw new AudioDeviceException($"{Name} cannot be opened: {error.Message} Close other programs that use it, or choose another device.");
        }

        _isRunning = true;
    }

    public bool TryRead(out AudioFrame frame)
    {
        frame = default;
        if (!_isRunning || _problem is not null)
            return false;
        _position += Interlocked.Exchange(ref _lost, 0);
        while (Math.Min(_captured.Count, _loudspeaker.Waiting) > MaxBehindFrames * _frame.Length)
        {
            Read();
            _skipped++;
        }

        if (Math.Min(_captured.Count, _loudspeaker.Waiting) < _frame.Length)
            return false;
        var position = _position;
        Read();
        Clock.Observe(_position + _captured.Count);
        frame = new AudioFrame(_frame, _rendered, position, _renderedTotal);
        return true;
    }

    public void Write(ReadOnlySpan<float> samples, bool more)
    {
        if (samples.Length > WritableSamples)
            throw new ArgumentException($"{samples.Length} samples do not fit; {WritableSamples} do.", nameof(samples));
        _loudspeaker.Playback.Write(samples);
        _loudspeaker.More = more;
    }

    public int Discard()
    {
        _loudspeaker.More = false;
        return _loudspeaker.Playback.Discard();
    }

    public ValueTask DisposeAsync()
    {
        _ready = null;
        _input.Dispose();
        _output.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Read()
    {
        _captured.Read(_frame);
        _renderedTotal += _loudspeaker.Read(_rendered, _scratch);
        _position += _frame.Length;
    }

    // On NAudio's thread.
    private void Take(ReadOnlySpan<byte> bytes)
    {
        Span<float> block = stackalloc float[256];
        for (var pcm = MemoryMarshal.Cast<byte, short>(bytes); pcm.Length > 0; pcm = pcm[Math.Min(block.Length, pcm.Length)..])
        {
            var count = Math.Min(block.Length, pcm.Length);
            for (var i = 0; i < count; i++)
                block[i] = pcm[i] / 32768f;
            Interlocked.Add(ref _lost, count - _captured.Write(block[..count]));
        }

        _ready?.Invoke();
    }

    private void Note(string what, Exception? error)
    {
        if (_ready is null)
            return;
        _problem = $"The {what} has gone{(error is null ? "." : $": {error.Message}")} Plug it in again and start a new conversation.";
        _ready.Invoke();
    }

    private static int Find(List<string> names, string? wish, string what)
    {
        if (names.Count == 0)
            throw new AudioDeviceException($"This machine has no {what}. Plug one in.");
        var found = wish is null ? 0 : int.TryParse(wish, out var number) ? number : names.FindIndex(n => n.Contains(wish, StringComparison.OrdinalIgnoreCase));
        return found >= 0 && found < names.Count ? found : throw new AudioDeviceException($"There is no {what} '{wish}'. There are: {string.Join(", ", names.Select((n, i) => $"{i} {n}"))}.");
    }

    /// <summary>What NAudio asks for sound. Notes what it was given, in step with what the microphone hears.</summary>
    private sealed class Loudspeaker : IWaveProvider
    {
        private readonly SpscRing _rendered = new(Capacity);

        // 1 for each sample that somebody gave, 0 for silence in between.
        private readonly SpscRing _given = new(Capacity);

        private readonly float[] _block = new float[Capacity / 16], _marks = new float[Capacity / 16];
        private readonly Action _ready;
        private long _underruns;
        private int _more;

        public Loudspeaker(Action ready, int latency)
        {
            (_ready, Latency) = (ready, latency);
            // What is handed over now is heard when the buffers before it have been.
            _rendered.Write(new float[latency]);
            _given.Write(new float[latency]);
        }

        public PlaybackRing Playback { get; } = new(4096);

        public WaveFormat WaveFormat => s_format;

        public int Latency { get; }

        public long Underruns => Interlocked.Read(ref _underruns);

        public int Waiting => Math.Min(_rendered.Count, _given.Count);

        public bool More { set => Volatile.Write(ref _more, value ? 1 : 0); }

        public int Read(Span<byte> buffer)
        {
            var pcm = MemoryMarshal.Cast<byte, short>(buffer);
            for (var done = 0; done < pcm.Length;)
            {
                var block = _block.AsSpan(0, Math.Min(_block.Length, pcm.Length - done));
                block.Clear();
                var count = Playback.Take(block);
                if (count < block.Length && Volatile.Read(ref _more) == 1)
                    Interlocked.Increment(ref _underruns);
                var marks = _marks.AsSpan(0, block.Length);
                marks[..count].Fill(1);
                marks[count..].Clear();
                _rendered.Write(block);
                _given.Write(marks);
                for (var i = 0; i < block.Length; i++)
                    pcm[done + i] = (short)Math.Clamp(block[i] * 32767f, short.MinValue, short.MaxValue);
                done += block.Length;
            }

            _ready();
            return buffer.Length;
        }

        public int Read(Span<float> rendered, Span<float> scratch)
        {
            _rendered.Read(rendered);
            _given.Read(scratch);
            var given = 0;
            foreach (var mark in scratch)
                given += mark > 0 ? 1 : 0;
            return given;
        }
    }
}
