namespace VoiceConsole.Engine.Echo;

/// <summary>
/// Tells, frame by frame, how much of what the echo filter leaves over can be no echo: in how many bands it stands clear of
/// the echo that the filter is known to leave there, and of the room's noise. Per-frame work: no allocation.
/// </summary>
/// <remarks>
/// What a filter leaves follows the echo it predicts: distortion, a tail it does not reach, a path not learnt yet. How far
/// below the prediction it stays is learnt per band from the frames themselves. A user in the room follows nothing.
/// </remarks>
internal sealed class NearEndEvidence
{
    /// <summary>A band is clear when it exceeds the echo expected there by this much, in dB.</summary>
    public const float Margin = 10;

    private const float TailDecay = 1f, NoiseMargin = 14, Rise = 0.4f, RiseWhileClear = 0.04f, Fall = 0.05f, Highest = 3, Lowest = -35;
    private const float NoiseRise = 0.1f, NoiseFall = 0.3f;
    private const int Doubtful = 3;

    // The echo is at its loudest, not its tail: only then does it tell how much is really left of it.
    private const float Direct = 3, Hurry = 0.4f;

    private readonly BandLevels _capturedBands, _leftBands, _echoBands;
    private readonly float[] _captured = new float[BandLevels.Count], _left = new float[BandLevels.Count], _echo = new float[BandLevels.Count];
    private readonly float[] _envelope = new float[BandLevels.Count], _leak = new float[BandLevels.Count], _noise = new float[BandLevels.Count];

    public NearEndEvidence(int sampleRate)
    {
        (_capturedBands, _leftBands, _echoBands) = (new BandLevels(sampleRate), new BandLevels(sampleRate), new BandLevels(sampleRate));
        Reset();
    }

    /// <summary>Which bands were clear in the last frame, one bit each, the lowest band first.</summary>
    public int ClearBands { get; private set; }

    /// <summary>Levels of the microphone's bands in the last frame, dBFS.</summary>
    public ReadOnlySpan<float> Captured => _captured;

    /// <param name="captured">Microphone.</param>
    /// <param name="left">What the filter leaves of the microphone.</param>
    /// <param name="echo">The echo it predicted.</param>
    /// <returns>Bands, 0 to <see cref="BandLevels.Count"/>, that echo and noise do not explain.</returns>
    public int Count(ReadOnlySpan<float> captured, ReadOnlySpan<float> left, ReadOnlySpan<float> echo)
    {
        _capturedBands.Measure(captured, _captured);
        _leftBands.Measure(left, _left);
        _echoBands.Measure(echo, _echo);
        var clear = 0;
        ClearBands = 0;
        for (var band = 0; band < BandLevels.Count; band++)
        {
            // A wrong prediction adds what is not there: nobody can be louder than the microphone.
            _left[band] = Math.Min(_left[band], _captured[band]);
            _envelope[band] = Math.Max(_echo[band], _envelope[band] - TailDecay);
            if (_left[band] <= Math.Max(_envelope[band] + _leak[band] + Margin, _noise[band] + NoiseMargin))
                continue;
            clear++;
            ClearBands |= 1 << band;
        }

        for (var band = 0; band < BandLevels.Count; band++)
        {
            // What is lower than its margin for most of the time, echo or not, is the room's own sound.
            if (clear < Doubtful)
                _noise[band] = Math.Clamp(_noise[band] + (_left[band] > _noise[band] ? NoiseRise : -NoiseFall), -95, -45);
            // Echo that is lost in the noise teaches nothing.
            if (_envelope[band] + _leak[band] < _noise[band])
                continue;
            var over = _left[band] - _envelope[band] - _leak[band];
            var fall = _echo[band] > _envelope[band] - Direct ? Fall * Math.Max(1, -over * Hurry) : Fall;
            var step = over > 0 ? (clear >= Doubtful ? RiseWhileClear : Rise) : -fall;
            _leak[band] = Math.Clamp(_leak[band] + step, Lowest, Highest);
        }

        return clear;
    }

    /// <summary>How far each band stood, in the last frame, above the echo expected to be left and the noise, and above the predicted echo; in 20 dB, −1 to 2.</summary>
    /// <param name="signs">Receives twice <see cref="BandLevels.Count"/> numbers.</param>
    public void CopyTo(Span<float> signs)
    {
        for (var band = 0; band < BandLevels.Count; band++)
        {
            signs[band] = Math.Clamp((_left[band] - Math.Max(_envelope[band] + _leak[band], _noise[band])) / 20, -1, 2);
            signs[BandLevels.Count + band] = Math.Clamp((_captured[band] - Math.Max(_envelope[band], _noise[band])) / 20, -1, 2);
        }
    }

    /// <summary>Forgets the room.</summary>
    public void Reset()
    {
        _capturedBands.Reset();
        _leftBands.Reset();
        _echoBands.Reset();
        Array.Fill(_envelope, BandLevels.Silence);
        Array.Fill(_leak, 0f);
        Array.Fill(_noise, -70f);
    }
}
