using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Echo.Adaptive;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// All that is done for every 10 ms frame before anybody decides anything: echo cancelled, sound kept, speech detected,
/// levels read. Belongs to the loop; allocates nothing.
/// </summary>
internal sealed class Listener : IDisposable
{
    // About 200 ms.
    private const float Smoothing = 0.05f;

    private readonly IEchoCanceller _canceller;
    private readonly IVoiceDetector _detector;
    private readonly float[] _processed;
    private readonly float[] _window;
    private readonly float[] _raw;
    private readonly GuardOptions _layers;
    private readonly long _delay, _minSpeech, _minBargeIn;
    private readonly float _threshold;
    private readonly EchoGuard _guard;
    private bool _unchopped;
    private float _echoPower, _restPower;
    private int _inWindow;
    private long _expected = -1, _lastReplying = long.MinValue / 2;
    private MeterReading _meters;

    public Listener(IEchoCanceller canceller, IVoiceDetector detector, ConversationOptions options, AudioFormat format)
    {
        _canceller = canceller;
        _detector = detector;
        _layers = options.Guard;
        _threshold = options.SpeechThreshold;
        _guard = new EchoGuard(options.Guard, format.SampleRate);
        _delay = Delay(canceller, options.Guard);
        (_minSpeech, _minBargeIn) = (format.ToSamples(options.MinSpeech), format.ToSamples(options.MinBargeIn));
        _processed = new float[format.FrameSamples];
        _window = new float[detector.WindowSamples];
        _raw = new float[format.FrameSamples + canceller.DelaySamples];
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

    /// <summary>Deaf while the console is audible.</summary>
    public bool HalfDuplex { get; set; }

    /// <summary>The console did not listen to the newest frame.</summary>
    public bool IsDeaf { get; private set; }

    /// <summary>The predicted echo over all else in the microphone, dB, in the last 200 ms.</summary>
    public double EchoToRest => 10 * Math.Log10((_echoPower + 1e-9) / (_restPower + 1e-9));

    /// <summary>What is known of the echo's way.</summary>
    public EchoPath Path => _guard.Path;

    public MeterReading Meters => _meters;

    /// <summary>The reply shall be low, since somebody may be speaking over it.</summary>
    public bool Ducks => _guard.Ducks;

    /// <param name="frame">The device's next frame.</param>
    /// <param name="replying">The console is audible in it.</param>
    public TurnDecision Process(in AudioFrame frame, bool replying)
    {
        if (_expected >= 0 && frame.Position != _expected)
        {
            // The device dropped frames: neither filter nor detector may think the sound went on.
            _canceller.Reset();
            _detector.Reset();
            _guard.Reset();
            _inWindow = 0;
        }

        _expected = frame.End;
        // What left for the loudspeaker is heard as much later as its way is long.
        _lastReplying = replying ? frame.End : _lastReplying;
        replying |= _layers.Prediction && frame.End - _lastReplying < _guard.Path.Delay;
        var deaf = Muted || ((_layers.HalfDuplex || HalfDuplex) && replying);
        IsDeaf = deaf;
        if (_layers.Prediction)
            Guard(frame, replying, deaf);
        else
            _canceller.Process(frame.Captured, frame.Rendered, _processed);
        if (deaf)
            _processed.AsSpan().Clear();
        var level = Level(_processed);
        var end = frame.End - _delay;
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
            var heard = probability;
            if (_guard.HearsVoice || _guard.IsSure)
                probability = Math.Max(probability, _threshold);
            _guard.AddWindow(heard, probability >= _threshold);
            var started = Turns.AddWindow(probability, end - _processed.Length + taken, _window.Length, Required(replying));
            if (started == TurnDecision.Started && replying && _layers.Prediction)
                _guard.Stopped();
            decision = decision == TurnDecision.None ? started : decision;
        }

        _meters = new MeterReading(Level(frame.Captured), Level(frame.Rendered), level, _meters.SpeechProbability, frame.End);
        return decision;
    }

    /// <summary>Samples by which what is heard is later than the microphone.</summary>
    public static int Delay(IEchoCanceller canceller, GuardOptions layers) => canceller.DelaySamples + (layers.Prediction ? FollowingFilter.Late : 0);

    /// <summary>Gives each verdict of the guard once.</summary>
    public bool TryTakeVerdict(out EchoVerdict verdict) => _guard.TryTakeVerdict(out verdict);

    /// <summary>Gives the place of a sound once that the guard dismissed but that may have been a short word.</summary>
    public bool TryTakeUnclear(out long from, out long to)
    {
        var taken = _guard.TryTakeUnclear(out var frames);
        to = History.End;
        from = to - frames * _processed.Length;
        return taken;
    }

    private void Guard(in AudioFrame frame, bool replying, bool deaf)
    {
        _guard.Process(frame.Captured, frame.Rendered, replying && !deaf);
        _canceller.Process(_guard.Captured, _guard.Reference, _processed);
        _guard.AddCleaned(_processed, replying && !deaf);
        if (replying && !deaf)
            _layers.Learner?.Invoke(frame.Position, _guard.Signs);
        // As late as the canceller's sound, so that one can stand in for the other.
        _raw.AsSpan(frame.Captured.Length).CopyTo(_raw);
        _guard.Left.CopyTo(_raw.AsSpan(_raw.Length - frame.Captured.Length));
        _guard.Path.ObserveCanceller(_processed);
        var echo = TensorPrimitives.Distance(_guard.Captured, _guard.Left);
        _echoPower += Smoothing * (echo * echo - _echoPower);
        _restPower += Smoothing * (TensorPrimitives.SumOfSquares(_guard.Left) - _restPower);
        // A canceller that suppresses what it cannot subtract also chops the user who speaks over the reply.
        _unchopped = _layers.Prediction && (replying && !deaf ? _guard.IsTrusted || _guard.IsDrownedOut : _unchopped && Turns.InSpeech);
        if (_unchopped)
            _raw.AsSpan(0, _processed.Length).CopyTo(_processed);
    }

    // Samples of speech that begin a turn: what the guard has confirmed at once, what it cannot see only after long.
    private long Required(bool replying)
    {
        if (!replying)
            return _minSpeech;
        if (!_layers.Prediction)
            return _minBargeIn;
        if (_guard.IsAsked)
            return _guard.IsSure ? 1 : long.MaxValue;
        if (_guard.Suspects)
            return _guard.Confirms ? 1 : long.MaxValue;
        // Unchopped, the echo has not been suppressed, and the detector hears it, too.
        return _unchopped || _layers.Learner is not null || _guard.SoundsLikeItself || _guard.HearsHum ? long.MaxValue : 2 * _minBargeIn;
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
