using System.Numerics.Tensors;

namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// A simulated room: the loudspeaker reaches the microphone through a response, a delay and a level, a user speaks in it, and
/// there is noise. microphone = user ∗ h_user + h_speaker ∗ NL(rendered, delay) + noise. Equal options and equal speech give
/// equal samples.
/// </summary>
public sealed class RoomAudioDevice : PacedDevice
{
    // 100 ms: what a clock 100 ppm off gains in a quarter of an hour.
    private const int MaxDrift = 1600;

    private readonly RoomOptions _options;
    private readonly FastConvolver _toUser;
    private readonly FastConvolver? _toLoudspeaker;
    private readonly List<(long Start, float[] Samples)> _speech = [];
    private readonly float[] _delayLine;
    private readonly float[] _dry;
    private readonly float[] _wet;
    private readonly float _noise;
    private ulong _random;
    private readonly double _delay;
    private long _delayed;
    private int _ambienceAt;
    private bool _isMoved;

    public RoomAudioDevice(RoomOptions options, TimeProvider time) : base(Describe(options), time)
    {
        _options = options;
        _random = options.Seed * 0x9E3779B97F4A7C15 + 1;
        var frame = Format.FrameSamples;
        _toUser = new FastConvolver(RoomResponse.Calculate(RoomResponse.User, options.ReverberationTime, Format.SampleRate, normalise: false), frame);
        if (double.IsFinite(options.EchoLevel))
        {
            _toLoudspeaker = new FastConvolver(Echo(RoomResponse.Loudspeaker), frame);
        }

        _delay = Format.ToSamples(options.EchoDelay);
        _delayLine = new float[(int)_delay + (options.DriftPpm == 0 ? 0 : MaxDrift) + frame + FractionalSample.Taps];
        (_dry, _wet) = (new float[frame], new float[frame]);
        // A uniform distribution of ±a has a power of a²/3.
        _noise = double.IsFinite(options.NoiseLevel) ? (float)(Math.Pow(10, options.NoiseLevel / 20) * Math.Sqrt(3)) : 0;
    }

    /// <summary>Position after the last sample of what the user has been given to say.</summary>
    public long UserEnd { get; private set; }

    /// <summary>The user has something left to say.</summary>
    public bool IsUserSpeaking => Position < UserEnd;

    /// <summary>Nobody waits for more of a user who was given what to say before the start, once it is said.</summary>
    protected override bool HasEnded => EndsWithUser && !IsUserSpeaking;

    /// <summary>The device counts as ended when the user has nothing left to say.</summary>
    public bool EndsWithUser { get; init; }

    /// <summary>Lets the user speak, after what is still to be said, or from the next frame on.</summary>
    /// <param name="samples">Dry speech, 16 kHz.</param>
    /// <param name="delay">Silence before it.</param>
    /// <returns>The position at which its first sample reaches the microphone.</returns>
    public long Speak(ReadOnlySpan<float> samples, TimeSpan delay = default)
    {
        var start = Math.Max(Position, UserEnd) + Format.ToSamples(delay);
        _speech.Add((start, samples.ToArray()));
        UserEnd = start + samples.Length;
        return start;
    }

    /// <summary>Somebody moves the loudspeaker to another place, or back. A measured response has no other place.</summary>
    public void MoveLoudspeaker()
    {
        if (_toLoudspeaker is null || !_options.MeasuredResponse.IsEmpty)
            return;
        _isMoved = !_isMoved;
        _toLoudspeaker.Replace(Echo(_isMoved ? RoomResponse.Moved : RoomResponse.Loudspeaker));
    }

    /// <summary>Pulls the plug.</summary>
    public void Unplug() => SetProblem($"The {Name} was unplugged. Plug it in again: the conversation goes on by itself.");

    /// <summary>Puts it back in.</summary>
    public void Plug() => SetProblem(null);

    protected override void Capture(ReadOnlySpan<float> rendered, Span<float> captured)
    {
        _dry.AsSpan().Clear();
        var end = Position + _dry.Length;
        for (var i = _speech.Count - 1; i >= 0; i--)
        {
            var (start, samples) = _speech[i];
            var from = Math.Max(start, Position);
            var count = (int)(Math.Min(start + samples.Length, end) - from);
            if (count > 0)
                TensorPrimitives.Add(_dry.AsSpan((int)(from - Position), count), samples.AsSpan((int)(from - start), count), _dry.AsSpan((int)(from - Position), count));
            if (start + samples.Length <= Position)
                _speech.RemoveAt(i);
        }

        _toUser.Process(_dry, captured);
        if (_toLoudspeaker is not null)
        {
            Delay(rendered, _dry);
            _toLoudspeaker.Process(_dry, _wet);
            TensorPrimitives.Add(captured, _wet, captured);
        }

        for (var i = 0; i < captured.Length; i++)
            captured[i] = Math.Clamp(captured[i] + _noise * NextRandom() + NextAmbience(), -1, 1);
    }

    private float[] Echo(double[] loudspeaker)
    {
        var response = _options.MeasuredResponse.IsEmpty
            ? RoomResponse.Calculate(loudspeaker, _options.ReverberationTime, Format.SampleRate, normalise: true)
            : Normalised(_options.MeasuredResponse.Span);
        TensorPrimitives.Multiply(response, (float)Math.Pow(10, _options.EchoLevel / 20), response);
        return response;
    }

    private void Delay(ReadOnlySpan<float> rendered, Span<float> delayed)
    {
        for (var i = 0; i < rendered.Length; i++, _delayed++)
        {
            _delayLine[(int)(_delayed % _delayLine.Length)] = Distorted(rendered[i]);
            // A loudspeaker that runs fast catches up with the microphone, as far as its delay lets it.
            var drifted = Math.Clamp(_delayed * _options.DriftPpm * 1e-6, -MaxDrift, _delay);
            var at = Math.Max(0, _delayed - _delay + drifted);
            delayed[i] = _delayed < _delay ? 0 : At(at);
        }
    }

    private float At(double position)
    {
        var whole = (long)position;
        if (position == whole)
            return _delayLine[(int)(whole % _delayLine.Length)];
        Span<float> around = stackalloc float[FractionalSample.Taps];
        for (var tap = 0; tap < around.Length; tap++)
        {
            // At the very end of a delay that has been used up the newest sample stands in for those to come.
            var at = Math.Min(whole - FractionalSample.Before + 1 + tap, _delayed);
            around[tap] = at < 0 ? 0 : _delayLine[(int)(at % _delayLine.Length)];
        }

        return FractionalSample.At(around, (float)(position - whole));
    }

    private float Distorted(float sample) => _options.Loudspeaker switch
    {
        LoudspeakerKind.SoftClip => MathF.Tanh(1.5f * sample) / 1.5f,
        LoudspeakerKind.HardClip => Math.Clamp(sample, -0.5f, 0.5f),
        LoudspeakerKind.Asymmetric => 0.5f * (2 / (1 + MathF.Exp(-(sample > 0 ? 4 : 2.5f) * (1.5f * sample - 0.3f * sample * sample))) - 1),
        _ => sample,
    };

    private float NextAmbience()
    {
        if (_options.Ambience.IsEmpty)
            return 0;
        if (_ambienceAt >= _options.Ambience.Length)
            _ambienceAt = 0;
        return _options.Ambience.Span[_ambienceAt++];
    }

    // xorshift64*: the same on every machine.
    private float NextRandom()
    {
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        return ((_random * 0x2545F4914F6CDD1D) >> 40) / 8388608f - 1f;
    }

    private static float[] Normalised(ReadOnlySpan<float> response)
    {
        var copy = response.ToArray();
        var energy = MathF.Sqrt(TensorPrimitives.SumOfSquares(copy));
        if (energy > 0)
            TensorPrimitives.Divide(copy, energy, copy);
        return copy;
    }

    private static string Describe(RoomOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return $"simulated room: {options.Name}, RT60 {options.ReverberationTime:0.##} s, echo {(double.IsFinite(options.EchoLevel) ? $"{options.EchoLevel:0} dB after {options.EchoDelay.TotalMilliseconds:0} ms" : "none")}";
    }
}
