namespace VoiceConsole.Engine.Echo;

/// <summary>What was made of a sound over the reply.</summary>
internal enum VerdictKind
{
    None,

    /// <summary>Somebody may be speaking: the reply is lowered.</summary>
    Duck,

    /// <summary>Somebody speaks: the reply stops.</summary>
    Stop,

    /// <summary>It was the console itself.</summary>
    Echo,

    /// <summary>A hum that wants nothing.</summary>
    Backchannel,

    /// <summary>A sound that is no speech.</summary>
    Noise,
}

/// <summary>A verdict with its evidence.</summary>
/// <param name="Kind">What it was taken for.</param>
/// <param name="ClearBands">Bands that neither echo nor noise explains, of <see cref="BandLevels.Count"/>, in the last frame.</param>
/// <param name="ClearFrames">10 ms frames with enough of them since the suspicion.</param>
/// <param name="Speech">Speech since the suspicion, in detector windows.</param>
/// <param name="Bright">Frames since the suspicion that have more than a hum's low tones.</param>
/// <param name="Voiced">Frames since the suspicion with the pitch of a voice.</param>
/// <param name="Vowels">Frames since the suspicion with both.</param>
/// <param name="Milliseconds">Since the suspicion.</param>
/// <param name="Likeness">How much the microphone rises and falls as the loudspeaker did, −1 to 1.</param>
/// <param name="FilterGain">What the filter takes away of the echo, power ratio.</param>
/// <param name="Judgement">How likely the net thinks a user, 0 to 1; 0 where it is not asked.</param>
internal readonly record struct EchoVerdict(VerdictKind Kind, int ClearBands, int ClearFrames, int Speech, int Bright, int Voiced, int Vowels, int Milliseconds, float Likeness, float FilterGain, float Judgement)
{
    /// <summary>The verdict's name in events.</summary>
    public string Name => Kind.ToString().ToLowerInvariant();

    /// <summary>One sentence for people.</summary>
    public string Reason => Kind switch
    {
        VerdictKind.Duck => "Something sounds in the room that the loudspeaker's echo does not explain.",
        VerdictKind.Stop when Judgement > 0 => $"Somebody speaks: {100 * Judgement:0} % sure, by all that was heard in the last 400 ms.",
        VerdictKind.Stop => $"Somebody speaks: {Speech * 32} ms of speech, of which the echo explains nothing.",
        VerdictKind.Echo => "It died away when the reply was lowered: it was the reply's own echo.",
        VerdictKind.Backchannel => "A hum that asks for nothing.",
        VerdictKind.Noise => "A sound in the room, but no speech.",
        _ => "",
    };

    public IReadOnlyDictionary<string, double> Evidence => new Dictionary<string, double>
    {
        ["clear bands"] = ClearBands,
        ["clear frames"] = ClearFrames,
        ["speech windows"] = Speech,
        ["bright frames"] = Bright,
        ["voiced frames"] = Voiced,
        ["vowel frames"] = Vowels,
        ["ms"] = Milliseconds,
        ["likeness"] = Math.Round(Likeness, 2),
        ["sure %"] = Math.Round(100 * Judgement, 1),
        ["filter dB"] = Math.Round(10 * Math.Log10(Math.Max(1, FilterGain)), 1),
    };
}
