using System.Globalization;
using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// The host's microphone and loudspeaker by PortAudio, as 16 kHz mono whatever their own rate and channels. A device that goes
/// away is waited for and reopened with growing pauses; the clock goes on meanwhile.
/// </summary>
public sealed class HostAudioDevice : IAudioDevice
{
    // 20 ms beyond the frame in progress, as the simulated devices have it.
    private const int QueueFrames = 3;
    private const int MaxBehindFrames = 100;
    private static readonly TimeSpan s_watch = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(8);

    private readonly string? _input, _output;
    private readonly IReadOnlyList<HostFormat>? _formats;
    private readonly float[] _captured, _rendered, _scratch;
    private readonly CancellationTokenSource _stop = new();
    private HostStream? _stream;
    private Task _watching = Task.CompletedTask;
    private volatile string? _problem;
    private volatile bool _returned;
    private long _position;
    private long _renderedTotal;
    private long _skipped;

    /// <param name="folders">Of the installed part, then those it needs.</param>
    /// <param name="input">The microphone's number or a part of its name; null for the system's default.</param>
    /// <param name="output">The loudspeaker's; the same.</param>
    /// <param name="time">The system's.</param>
    /// <exception cref="AudioDeviceException">There is no such device; the message says what there is.</exception>
    /// <exception cref="DllNotFoundException">The library cannot be loaded.</exception>
    public HostAudioDevice(IReadOnlyList<string> folders, string? input, string? output, TimeProvider time) : this(folders, input, output, time, null) { }

    /// <param name="formats">To try instead of all that are worth it.</param>
    internal HostAudioDevice(IReadOnlyList<string> folders, string? input, string? output, TimeProvider time, IReadOnlyList<HostFormat>? formats)
    {
        ArgumentNullException.ThrowIfNull(folders);
        _input = input;
        _output = output;
        _formats = formats;
        Clock = new SampleClock(time, Format.SampleRate);
        var frame = Format.FrameSamples;
        (_captured, _rendered, _scratch) = (new float[frame], new float[frame], new float[frame]);
        PortAudioNative.Load(folders);
        lock (PortAudioNative.Exclusive)
        {
            Initialize();
            try
            {
                var devices = Devices();
                Name = $"{Microphone(devices).Name} / {Loudspeaker(devices).Name}";
            }
            catch
            {
                _ = PortAudioNative.Terminate();
                throw;
            }
        }
    }

    public string Name { get; }

    public AudioFormat Format => AudioFormat.Engine;

    public SampleClock Clock { get; }

    public AudioDeviceStatus Status => new(
        _stream is null ? AudioDeviceState.Stopped : _problem is null ? AudioDeviceState.Running : AudioDeviceState.Lost,
        _stream?.Underruns ?? 0, (_stream?.Overruns ?? 0) + _skipped, _stream?.RenderLatency ?? 0, _problem);

    public int WritableSamples => _stream is { } stream && _problem is null ? Room(stream) : 0;

    /// <summary>What this machine has, in PortAudio's order.</summary>
    /// <exception cref="AudioDeviceException">The sound system cannot be asked.</exception>
    public static IReadOnlyList<HostDevice> List(IReadOnlyList<string> folders)
    {
        PortAudioNative.Load(folders);
        lock (PortAudioNative.Exclusive)
        {
            Initialize();
            try
            {
                return Devices();
            }
            finally
            {
                _ = PortAudioNative.Terminate();
            }
        }
    }

    public void Start(Action frameReady)
    {
        if (_stream is not null)
            throw new InvalidOperationException($"{Name} was started before.");
        var stream = new HostStream(frameReady, Clock.Time);
        lock (PortAudioNative.Exclusive)
            Open(stream);
        Clock.Observe(0);
        _stream = stream;
        _watching = WatchAsync(stream, frameReady);
    }

    public bool TryRead(out AudioFrame frame)
    {
        frame = default;
        if (_stream is not { } stream || _problem is not null)
            return false;
        if (_returned)
        {
            _returned = false;
            // Time that passed while the device was away.
            _position = Math.Max(_position, Clock.Now);
        }

        _position += stream.TakeLost();
        while (stream.Waiting > MaxBehindFrames * _captured.Length)
        {
            _renderedTotal += stream.Read(_captured, _rendered, _scratch);
            _position += _captured.Length;
            _skipped++;
        }

        if (stream.Waiting < _captured.Length)
            return false;
        _renderedTotal += stream.Read(_captured, _rendered, _scratch);
        var position = _position;
        _position += _captured.Length;
        Clock.Observe(_position + stream.Waiting + stream.CaptureDelay);
        frame = new AudioFrame(_captured, _rendered, position, _renderedTotal);
        return true;
    }

    public void Write(ReadOnlySpan<float> samples, bool more)
    {
        // A device that has gone away since the caller asked for the room takes them: they wait with the rest for its return.
        var stream = _stream!;
        if (samples.Length > Room(stream))
            throw new ArgumentException($"{samples.Length} samples do not fit; {Room(stream)} do.", nameof(samples));
        stream.Playback.Write(samples);
        stream.More = more;
    }

    public int Discard()
    {
        if (_stream is not { } stream)
            return 0;
        stream.More = false;
        return stream.Playback.Discard();
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        await _watching;
        lock (PortAudioNative.Exclusive)
        {
            _stream?.Dispose();
            _ = PortAudioNative.Terminate();
        }

        _stop.Dispose();
    }

    private int Room(HostStream stream) => Math.Max(0, QueueFrames * Format.FrameSamples - stream.Playback.Count);

    private async Task WatchAsync(HostStream stream, Action changed)
    {
        // Off the conversation's loop: opening a device may take seconds.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var pause = s_watch;
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(pause, Clock.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
                return;
            if (_problem is null && !stream.IsSilentFor(s_silence))
                continue;
            if (_problem is null)
            {
                _problem = $"{Name} went away. Plug it in again, or choose another device: the conversation goes on by itself.";
                changed();
            }

            try
            {
                lock (PortAudioNative.Exclusive)
                {
                    stream.Close();
                    // PortAudio sees what was plugged in only when it starts anew.
                    _ = PortAudioNative.Terminate();
                    Initialize();
                    Open(stream);
                }

                _returned = true;
                _problem = null;
                pause = s_watch;
                changed();
            }
            catch (AudioDeviceException)
            {
                pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, s_longestPause.Ticks));
            }
        }
    }

    private void Open(HostStream stream)
    {
        var devices = Devices();
        var (microphone, loudspeaker) = (Microphone(devices), Loudspeaker(devices));
        stream.Open(microphone.Index, loudspeaker.Index, _formats ?? HostFormat.Candidates(microphone, loudspeaker));
    }

    private HostDevice Microphone(IReadOnlyList<HostDevice> devices) =>
        Choose([.. devices.Where(d => d.Inputs > 0)], _input, d => d.IsDefaultInput, "microphone", "--mic");

    private HostDevice Loudspeaker(IReadOnlyList<HostDevice> devices) =>
        Choose([.. devices.Where(d => d.Outputs > 0)], _output, d => d.IsDefaultOutput, "loudspeaker", "--speaker");

    private static HostDevice Choose(HostDevice[] devices, string? wanted, Func<HostDevice, bool> isDefault, string kind, string option)
    {
        if (devices.Length == 0)
            throw new AudioDeviceException($"This machine has no {kind}. Plug one in, or talk in a simulated room with --device room.");
        if (wanted is null)
            return devices.FirstOrDefault(isDefault) ?? devices[0];
        var found = int.TryParse(wanted, CultureInfo.InvariantCulture, out var index)
            ? devices.FirstOrDefault(d => d.Index == index)
            : devices.FirstOrDefault(d => d.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)) ?? devices.FirstOrDefault(d => d.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase));
        return found ?? throw new AudioDeviceException($"There is no {kind} '{wanted}'. There are: {string.Join("; ", devices.Select(d => $"{d.Index} {d.Name}"))}. Choose with {option}.");
    }

    private static void Initialize()
    {
        if (PortAudioNative.Initialize() is var error and not 0)
            throw new AudioDeviceException($"The sound system cannot be started: {PortAudioNative.Describe(error)}. Restart it, or talk in a simulated room with --device room.");
    }

    private static unsafe List<HostDevice> Devices()
    {
        var devices = new List<HostDevice>();
        for (var i = 0; i < PortAudioNative.DeviceCount(); i++)
        {
            var info = PortAudioNative.Info(i);
            devices.Add(new HostDevice(
                i, Marshal.PtrToStringUTF8(info->Name) ?? $"device {i}", info->Inputs, info->Outputs, info->SampleRate,
                i == PortAudioNative.DefaultInput(), i == PortAudioNative.DefaultOutput()));
        }

        return devices;
    }
}
