namespace VoiceConsole.Engine.Conversation;

internal enum TurnDecision
{
    None,
    Started,
    Ended,
}

/// <summary>
/// Decides from speech probabilities and levels when somebody has begun to speak and when the turn is over. Pure per-frame
/// work: no allocation, no clock of its own; positions are the device's.
/// </summary>
/// <remarks>
/// The detector's windows tell speech from noise but trail off late and come every 32 ms, so the end of the speech itself is
/// read off the levels of the 10 ms frames: the last frame within <see cref="SpeechRange"/> of the utterance's loudest and
/// clear of the noise. The hang-over counts from there.
/// </remarks>
internal sealed class TurnDetector(ConversationOptions options, int sampleRate)
{
    /// <summary>Speech ends where its level has fallen this far below the utterance's loudest frame, in dB.</summary>
    public const float SpeechRange = 40;

    /// <summary>Speech is at least this far above the noise, in dB.</summary>
    public const float NoiseMargin = 6;

    private const float ExitRatio = 0.7f;
    private readonly int _frame = sampleRate / 100;
    private readonly long _hangOver = Samples(options.HangOver, sampleRate);
    private readonly long _maxTurn = Samples(options.MaxTurn, sampleRate);
    private readonly long _gap = sampleRate * 160L / 1000;
    private readonly long _walk = sampleRate * 300L / 1000;
    private readonly float[] _levels = new float[512];
    private float _noise = -60;
    private float _loudest;
    private long _now;
    private long _runStart;
    private long _runSpeech;
    private long _lastWindow;

    public bool InSpeech { get; private set; }

    /// <summary>Where the first window of the speech began.</summary>
    public long SpeechStart { get; private set; }

    /// <summary>The sample after the last speech; means something after <see cref="TurnDecision.Ended"/>.</summary>
    public long LastSpeech { get; private set; }

    /// <summary>The level of the room when nobody speaks, in dBFS.</summary>
    public float NoiseLevel => _noise;

    /// <summary>Takes the level of the next 10 ms frame, in dBFS.</summary>
    public TurnDecision AddFrame(float level, long end)
    {
        _now = end;
        _levels[IndexOf(end)] = level;
        if (!InSpeech)
        {
            // Falls at once, rises by 1 dB a second: speech in between barely moves it.
            _noise = Math.Clamp(Math.Min(level, _noise + 0.01f), -90, -20);
            return TurnDecision.None;
        }

        _loudest = Math.Max(_loudest, level);
        if (end - _lastWindow < _hangOver - _walk && end - SpeechStart < _maxTurn)
            return TurnDecision.None;
        LastSpeech = EndOfSpeech();
        if (end - LastSpeech < _hangOver && end - SpeechStart < _maxTurn)
            return TurnDecision.None;
        Reset();
        return TurnDecision.Ended;
    }

    /// <summary>Takes the probability of speech in the window that ends at <paramref name="end"/>.</summary>
    /// <param name="probability">0 to 1.</param>
    /// <param name="end">Position after the window.</param>
    /// <param name="window">Its samples.</param>
    /// <param name="required">Samples of speech that begin a turn now.</param>
    public TurnDecision AddWindow(float probability, long end, int window, long required)
    {
        if (InSpeech)
        {
            if (probability >= options.SpeechThreshold * ExitRatio)
                _lastWindow = end;
            return TurnDecision.None;
        }

        if (probability < options.SpeechThreshold)
        {
            if (_runSpeech > 0 && end - _lastWindow > _gap)
                _runSpeech = 0;
            return TurnDecision.None;
        }

        if (_runSpeech == 0)
            _runStart = end - window;
        _runSpeech += window;
        _lastWindow = end;
        if (_runSpeech < required)
            return TurnDecision.None;
        InSpeech = true;
        SpeechStart = _runStart;
        _loudest = -100;
        for (var at = Math.Max(_runStart, _now - (_levels.Length - 1) * _frame); at <= _now; at += _frame)
            _loudest = Math.Max(_loudest, LevelAt(at));
        return TurnDecision.Started;
    }

    /// <summary>Forgets speech that was not decided on yet, and speech in progress.</summary>
    public void Reset()
    {
        InSpeech = false;
        _runSpeech = 0;
    }

    private long EndOfSpeech()
    {
        var threshold = Math.Max(_loudest - SpeechRange, _noise + NoiseMargin);
        var latest = Math.Min(_now, _lastWindow + _walk / 2);
        // Back to a frame's end, counted from the newest.
        latest = _now - (_now - latest + _frame - 1) / _frame * _frame;
        for (var end = latest; end > _lastWindow - _walk && end > SpeechStart; end -= _frame)
        {
            if (LevelAt(end) >= threshold)
                return end;
        }

        return _lastWindow;
    }

    // The level of the frame that ends at or covers this position.
    private float LevelAt(long end) => _levels[IndexOf(end)];

    // A canceller that is late by more than a frame begins before position 0.
    private int IndexOf(long end) => (int)((end / _frame % _levels.Length + _levels.Length) % _levels.Length);

    private static long Samples(TimeSpan time, int sampleRate) => (long)Math.Round(time.TotalSeconds * sampleRate);
}
