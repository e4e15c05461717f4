using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// All that is done for every 10 ms frame before anybody decides anything: echo cancelled, sound kept, speech detected,
/// levels read. Belongs to the loop; allocates nothing.
/// </summary>
internal sealed class Listener : IDisposable
{
    private readonly IEchoCanceller _canceller;
    private readonly IVoiceDetector _detector;
    private readonly float[] _processed;
    private readonly float[] _window;
    private readonly float[] _raw;
    private readonly NearEndDetector _nearEnd;
    private readonly GuardOptions _guard;
    private int _inWindow;
    private long _expected = -1;
    private MeterReading _meters;

    public Listener(IEchoCanceller canceller, IVoiceDetector detector, ConversationOptions options, AudioFormat format)
    {
        _canceller = canceller;
        _detector = detector;
        _guard = options.Guard;
        _processed = new float[format.FrameSamples];
        _window = new float[detector.WindowSamples];
        _raw = new float[format.FrameSamples + canceller.DelaySamples];
        _nearEnd = new NearEndDetector(format.SampleRate);
        // Long enough for the longest turn with its pre-roll, even if the recogniser starts late.
        History = new AudioHistory((int)format.ToSamples(options.MaxTurn + options.PreRoll + TimeSpan.FromSeconds(10)));
        Turns = new TurnDetector(options, format.SampleRate);
    }

    public AudioHistory History { get; }

    public TurnDetector Turns { get; }

    /// <summary>The newest frame after the canceller.</summary>
    public ReadOnlySpan<float> Processed => _processed;

    /// <summary>The microphone counts as silent.</summary>
    public bool Muted { get; set; }

    public MeterReading Meters => _meters;

    /// <summary>Somebody speaks over the loudspeaker so clearly that the microphone is taken as it is, not as the canceller leaves it.</summary>
    public bool IsNearEnd { get; private set; }

    /// <param name="frame">The device's next frame.</param>
    /// <param name="replying">The console is audible in it.</param>
    public TurnDecision Process(in AudioFrame frame, bool replying)
    {
        if (_expected >= 0 && frame.Position != _expected)
        {
            // The device dropped frames: neither filter nor detector may think the sound went on.
            _canceller.Reset();
            _detector.Reset();
            _nearEnd.Reset();
            _inWindow = 0;
        }

        _expected = frame.End;
        _canceller.Process(frame.Captured, frame.Rendered, _processed);
        // As late as the canceller's sound, so that one can stand in for the other.
        _raw.AsSpan(frame.Captured.Length).CopyTo(_raw);
        frame.Captured.CopyTo(_raw.AsSpan(_raw.Length - frame.Captured.Length));
        var level = Level(_processed);
        IsNearEnd = _nearEnd.Detect(frame.Captured, frame.Rendered, level) && replying && _guard.NearEnd;
        if (IsNearEnd)
            _raw.AsSpan(0, _processed.Length).CopyTo(_processed);
        var deaf = Muted || (_guard.HalfDuplex && replying);
        if (deaf)
            _processed.AsSpan().Clear();
        if (IsNearEnd || deaf)
            level = Level(_processed);
        var end = frame.End - _canceller.DelaySamples;
        History.Append(end - _processed.Length, _processed);

        var decision = Turns.AddFrame(level, end);
        for (var taken = 0; taken < _processed.Length;)
        {
            var count = Math.Min(_processed.Length - taken, _window.Length - _inWindow);
            _processed.AsSpan(taken, count).CopyTo(_window.AsSpan(_inWindow));
            taken += count;
            _inWindow += count;
            if (_inWindow < _window.Length)
                continue;
            _inWindow = 0;
            var probability = deaf ? 0 : _detector.Detect(_window);
            _meters = _meters with { SpeechProbability = probability };
            var started = Turns.AddWindow(probability, end - _processed.Length + taken, _window.Length, replying);
            decision = decision == TurnDecision.None ? started : decision;
        }

        _meters = new MeterReading(Level(frame.Captured), Level(frame.Rendered), level, _meters.SpeechProbability, frame.End);
        return decision;
    }

    public void Dispose()
    {
        _canceller.Dispose();
        _detector.Dispose();
    }

    /// <summary>Root mean square in dBFS, −100 to 0.</summary>
    internal static float Level(ReadOnlySpan<float> samples)
    {
        if (samples.IsEmpty)
            return MeterReading.Silence;
        var power = TensorPrimitives.SumOfSquares(samples) / samples.Length;
        return power > 1e-10f ? Math.Min(0, 10 * MathF.Log10(power)) : MeterReading.Silence;
    }
}
