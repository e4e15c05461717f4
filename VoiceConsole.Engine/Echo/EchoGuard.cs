using System.Numerics;
using System.Numerics.Tensors;
using VoiceConsole.Engine.Echo.Adaptive;
using VoiceConsole.Engine.Echo.Learned;

namespace VoiceConsole.Engine.Echo;

/// <summary>
/// Watches the microphone while the console speaks: a sound that the echo does not explain is a suspicion, which lowers the
/// reply; speech in it confirms, and the reply stops; otherwise the reply comes back. Per-frame work on 10 ms frames: no
/// allocation, lock or wait.
/// </summary>
internal sealed class EchoGuard
{
    // A suspicion: four of the last six frames with so many bands clear.
    private const int Bands = 5, Recent = 6, Needed = 4;

    // Without evidence for so long, or confirmation for so long, it was nothing; frames.
    private const int Quiet = 20, Longest = 70, LongestHum = 60;

    // A replayed stretch that raised a suspicion will raise it again; frames, and the bands it then takes more.
    private const int Wary = 120, WaryBands = 3;

    // So many clear bands, in most of the last frames, are louder than all that is left of the echo; frames after which a new voice may be another.
    private const int BroadBands = 8, BroadFrames = 3, Pause = 80;

    // Speech: detector windows, and frames that have both a voice's pitch and more than a hum's tones.
    private const int SpeechWindows = 3, VowelFrames = 8, BrightFrames = 10, VowelWindow = 0b111, VowelsInWindow = 2;

    // The detector is sure, and it is no hum: whispering has no pitch.
    private const int SureWindows = 5, SureFrames = 12;

    // A voice that is bright in less than this share of its frames hums; in what the canceller leaves, dark frames to the bright.
    private const float BrightShare = 0.35f, DarkShare = 0.1f;
    private const int DarkFrames = 8;
    private const int HumFrames = 10, DarkToBright = 2;

    // So many frames of a voice's shape are speech even where the detector hears none.
    private const int VowelsAlone = 11, VowelsUnlikeEcho = 7;

    // What was too little to stop for, but may have been a word: detector windows, or frames of a voice's shape.
    private const int WordWindows = 2, WordVowels = 4;

    // What the filter must take away, in power, before what it leaves is worth listening to.
    private const float Trusted = 5;

    // Above it the microphone rises and falls as the loudspeaker did. Where the filter knows the path, or knew it before somebody
    // moved something, a user over a loud echo is given the benefit of the doubt.
    private const float Alike = 0.7f, AlikeWhereTrusted = 0.78f;

    // Below it something else sounds at least as loud as the echo.
    private const float Unlike = 0.4f;

    // What the net must think of a frame for a suspicion, and for a stop.
    private const float SuspectAt = 0.3f, StopAt = 0.95f;

    private readonly GuardOptions _options;
    private readonly NearEndNet _net = NearEndNet.Embedded();
    private readonly NearEndSigns _signs = new();
    private readonly float[] _now = new float[NearEndSigns.Count];
    private readonly FollowingFilter _filter;
    private readonly NearEndEvidence _evidence;
    private readonly VoiceShape _shape, _cleanedShape;
    private readonly EnvelopeMatch _match;
    private int _recent, _since, _lastClear, _wary, _waryBands, _clearFrames, _speech, _bright, _voiced, _vowels, _recentVowels, _clear, _unclear, _recentBroad, _sinceSpeech = Pause;
    private ulong _dark, _lit;
    private float _judgement, _probability;
    private bool _suspects, _fresh = true;
    private EchoVerdict _verdict;

    public EchoGuard(GuardOptions options, int sampleRate)
    {
        _options = options;
        _filter = new FollowingFilter(options.Drift);
        _evidence = new NearEndEvidence(sampleRate);
        (_shape, _cleanedShape) = (new VoiceShape(sampleRate), new VoiceShape(sampleRate));
        _match = new EnvelopeMatch(sampleRate);
        Path = new EchoPath(_filter, sampleRate);
    }

    /// <summary>The microphone, as late as all that follows from it: <see cref="FollowingFilter.Late"/> samples.</summary>
    public ReadOnlySpan<float> Captured => _filter.Captured;

    /// <summary>The microphone without the echo that the filter can subtract; nothing is suppressed in it.</summary>
    public ReadOnlySpan<float> Left => _filter.Left;

    /// <summary>What the loudspeaker was sent, in step with the microphone.</summary>
    public ReadOnlySpan<float> Reference => _filter.Reference;

    /// <summary>The filter knows the echo path well enough for <see cref="Left"/> to be worth listening to.</summary>
    public bool IsTrusted => Path.FilterGain > Trusted;

    /// <summary>Somebody in the room is so loud that <see cref="Left"/> is worth listening to, whatever the filter knows.</summary>
    public bool IsDrownedOut => _suspects && BitOperations.PopCount((uint)_recentBroad & ((1 << Recent) - 1)) >= BroadFrames;

    /// <summary>What is known of the echo's way.</summary>
    public EchoPath Path { get; }

    /// <summary>Somebody seems to speak over the reply.</summary>
    public bool Suspects => _suspects;

    /// <summary>The last frames have the shape of a voice, whatever the detector thinks of it.</summary>
    public bool HearsVoice =>
        _suspects && _options.Shape && _vowels >= (_match.Value < Unlike ? VowelsUnlikeEcho : VowelsAlone) && BitOperations.PopCount((uint)(_recentVowels & VowelWindow)) >= VowelsInWindow;

    /// <summary>The signs of the newest frame.</summary>
    public ReadOnlyMemory<float> Signs => _now;

    /// <summary>The net is sure enough of a user for a stop.</summary>
    public bool IsSure => _suspects && IsAsked && !IsDark && _judgement > StopAt;

    /// <summary>The reply shall be low.</summary>
    public bool Ducks => _suspects && _options.Duck;

    /// <summary>The microphone rises and falls as the loudspeaker did: what the detector hears is the console itself.</summary>
    public bool SoundsLikeItself => _match.Value > (IsTrusted ? AlikeWhereTrusted : Alike);

    /// <summary>What the canceller leaves is the voice of somebody who hums.</summary>
    public bool HearsHum
    {
        get
        {
            var dark = BitOperations.PopCount(_dark);
            return _options.Shape && dark >= HumFrames && dark > DarkToBright * BitOperations.PopCount(_lit);
        }
    }

    /// <summary>There is enough evidence for a stop as soon as the detector hears speech.</summary>
    public bool Confirms => IsAsked ? IsSure : _options.Learner is null && HasProof;

    /// <summary>The net decides; one that is still being taught does not.</summary>
    public bool IsAsked => _options is { Learned: true, Learner: null };

    // Hardly any of it has more than a hum's low tones.
    private bool IsDark => _options.Shape && _clearFrames >= DarkFrames && _bright < DarkShare * _clearFrames;

    // Without the net: so much of a voice, and so little of the echo, that it can be nothing else.
    private bool HasProof =>
        _suspects && !SoundsLikeItself && (_speech >= SpeechWindows || HearsVoice) && _lastClear < Recent && _clearFrames >= Needed
        && (!_options.Shape || (_vowels >= VowelFrames && _bright >= BrightFrames) || (_speech >= SureWindows && _bright >= SureFrames) || _since > LongestHum)
        && (!_options.Shape || _bright > BrightShare * _clearFrames);

    /// <param name="captured">Microphone.</param>
    /// <param name="rendered">Loudspeaker, in the same interval.</param>
    /// <param name="replying">The console is audible in the room.</param>
    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, bool replying)
    {
        _filter.Process(captured, rendered);
        _clear = _evidence.Count(_filter.Captured, _filter.Left, _filter.Echo);
        _match.Add(_evidence.Captured, _filter.Reference);
        if (!_suspects)
            Path.Observe();
        _sinceSpeech++;
        _wary = Math.Max(0, _wary - 1);
        if (_wary == 0)
            _waryBands = 0;
        var isClear = _clear >= Bands + (_match.Value < Unlike ? 0 : _waryBands);
        _recentBroad = (_recentBroad << 1) | (_clear >= BroadBands ? 1 : 0);
        _recent = ((_recent << 1) | (isClear ? 1 : 0)) & ((1 << Recent) - 1);
        _lastClear = isClear ? 0 : _lastClear + 1;
        if (!replying)
        {
            _suspects = false;
            return;
        }

        _shape.Measure(_filter.Left, _evidence.ClearBands);

        if (!_suspects)
        {
            if (BitOperations.PopCount((uint)_recent) < Needed)
                return;
            Suspect();
            Reach(VerdictKind.Duck);
        }

        _since++;
        _clearFrames += isClear ? 1 : 0;
        _bright += isClear && _shape.IsBright ? 1 : 0;
        _voiced += _shape.IsVoiced ? 1 : 0;
        var isVowel = isClear && _shape.IsBright && _shape.IsVoiced;
        _vowels += isVowel ? 1 : 0;
        _recentVowels = (_recentVowels << 1) | (isVowel ? 1 : 0);
        if (_since < Longest && (_lastClear < Quiet || (IsAsked && _judgement > SuspectAt)))
            return;
        Dismiss();
    }

    /// <summary>Takes what the canceller left of the frame.</summary>
    public void AddCleaned(ReadOnlySpan<float> cleaned, bool replying)
    {
        if (!replying)
        {
            (_dark, _lit, _judgement) = (0, 0, 0);
            _signs.Reset();
            return;
        }

        _cleanedShape.Measure(cleaned, -1);
        _dark = (_dark << 1) | (_cleanedShape.IsVoiced && !_cleanedShape.IsBright ? 1UL : 0);
        _lit = (_lit << 1) | (_cleanedShape.IsVoiced && _cleanedShape.IsBright ? 1UL : 0);
        if (!_options.Learned)
            return;
        Judge(cleaned);
        // What was dismissed though it still sounds must fade first: a noise that goes on does not keep the reply low.
        _fresh |= _judgement < SuspectAt;
        if (_suspects || !IsAsked || !_fresh || _judgement < SuspectAt)
            return;
        Suspect();
        Reach(VerdictKind.Duck);
    }

    /// <summary>Takes the detector's opinion of the last window.</summary>
    /// <param name="probability">0 to 1.</param>
    public void AddWindow(float probability, bool isSpeech)
    {
        _probability = probability;
        _speech += _suspects && isSpeech ? 1 : 0;
    }

    /// <summary>The suspicion was right and acted upon.</summary>
    public void Stopped()
    {
        Reach(VerdictKind.Stop);
        _suspects = false;
    }

    /// <summary>Gives each verdict once.</summary>
    public bool TryTakeVerdict(out EchoVerdict verdict)
    {
        verdict = _verdict;
        _verdict = default;
        return verdict.Kind != VerdictKind.None;
    }

    /// <summary>Gives a suspicion once that was dismissed but may have been a short word.</summary>
    /// <param name="frames">It began so many 10 ms frames ago.</param>
    public bool TryTakeUnclear(out int frames)
    {
        frames = _unclear;
        _unclear = 0;
        return frames > 0;
    }

    /// <summary>Forgets the room and what was suspected, after a jump of the clock or a change of device.</summary>
    public void Reset()
    {
        _filter.Reset();
        _evidence.Reset();
        _shape.Reset();
        _cleanedShape.Reset();
        _match.Reset();
        Path.Reset();
        _signs.Reset();
        (_recent, _recentBroad, _lastClear, _suspects, _sinceSpeech, _unclear) = (0, 0, Recent, false, Pause, 0);
    }

    private void Judge(ReadOnlySpan<float> cleaned)
    {
        _evidence.CopyTo(_now);
        var singles = _now.AsSpan(2 * BandLevels.Count);
        var (left, leftOver) = (Level(_filter.Left), Level(cleaned));
        singles[0] = _clear / (float)BandLevels.Count;
        singles[1] = _match.Value;
        singles[2] = 10 * MathF.Log10(Path.FilterGain) / 30;
        singles[3] = _shape.Periodicity;
        singles[4] = Math.Max(-2, _shape.Slope / 24);
        singles[5] = _probability;
        singles[6] = _cleanedShape.Periodicity;
        singles[7] = Math.Max(-2, _cleanedShape.Slope / 24);
        singles[8] = Math.Clamp((leftOver - left) / 20, -2, 0.5f);
        singles[9] = (left + 60) / 30;
        singles[10] = (Level(_filter.Reference) + 60) / 30;
        singles[11] = Math.Min(1, _signs.Frames / 300f);
        _signs.Add(_now);
        _judgement = 1 / (1 + MathF.Exp(-_net.Judge(_signs.Values)));
    }

    private static float Level(ReadOnlySpan<float> samples) => 10 * MathF.Log10(TensorPrimitives.SumOfSquares(samples) / samples.Length + 1e-9f);

    private void Suspect()
    {
        _suspects = true;
        _fresh = false;
        _since = 0;
        _recentVowels = 0;
        // Who was heard a moment ago and is heard again is one and the same.
        if (_sinceSpeech < Pause)
            return;
        (_clearFrames, _speech, _bright, _voiced, _vowels) = (BitOperations.PopCount((uint)_recent), 0, 0, 0, 0);
    }

    private void Dismiss()
    {
        if (_options.Words && (_speech >= WordWindows || _vowels >= WordVowels))
            _unclear = _since;
        Reach(_speech < SpeechWindows ? (_clearFrames <= 2 * Needed ? VerdictKind.Echo : VerdictKind.Noise)
            : _voiced > _vowels + VowelFrames ? VerdictKind.Backchannel : VerdictKind.Noise);
        _suspects = false;
        _recent = 0;
        if (_speech >= SureWindows)
        {
            _sinceSpeech = 0;
            return;
        }

        _wary = Wary;
        _waryBands += WaryBands;
    }

    private void Reach(VerdictKind kind) => _verdict = new EchoVerdict(kind, _clear, _clearFrames, _speech, _bright, _voiced, _vowels, _since * 10, _match.Value, Path.FilterGain, IsAsked ? _judgement : 0);
}
