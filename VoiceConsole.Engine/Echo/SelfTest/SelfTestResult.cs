namespace VoiceConsole.Engine.Echo.SelfTest;

/// <summary>What a self-test found out about a loudspeaker, a microphone and the room between them.</summary>
/// <param name="Device">Its name.</param>
/// <param name="NoiseDb">The room's own sound at the microphone, dBFS.</param>
/// <param name="IsAudible">The loudspeaker reaches the microphone; if not, all below is 0.</param>
/// <param name="DelayMs">From a sample's leaving for the loudspeaker to its arrival at the microphone.</param>
/// <param name="ReturnLossDb">How much fainter the echo is than what was played; negative where it is louder.</param>
/// <param name="TailMs">Time in which the room's reverberation falls by 60 dB (RT60, from the first 20 dB of the decay); 0 where noise hides it.</param>
/// <param name="DistortionDb">What of the echo no linear filter explains, below the echo; a good loudspeaker has −30 and less.</param>
/// <param name="DriftPpm">By how much the microphone's clock runs faster than the loudspeaker's.</param>
/// <param name="FilterErleDb">Echo of speech that the guard's filter took away in the last seconds.</param>
/// <param name="CancellerErleDb">Echo of speech that the canceller took away in the last seconds.</param>
/// <param name="Decay">Level of the response from the first echo on, one figure each 5 ms, dB below its loudest.</param>
/// <param name="Advice">What to do, in plain words; the most important first.</param>
public sealed record SelfTestResult(
    string Device, double NoiseDb, bool IsAudible, double DelayMs, double ReturnLossDb, double TailMs, double DistortionDb, double DriftPpm,
    double FilterErleDb, double CancellerErleDb, IReadOnlyList<double> Decay, IReadOnlyList<string> Advice);
