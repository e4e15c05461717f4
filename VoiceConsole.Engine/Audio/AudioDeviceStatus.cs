namespace VoiceConsole.Engine.Audio;

/// <summary>Health of a device at one moment.</summary>
/// <param name="State">Whether sound flows.</param>
/// <param name="Underruns">Times the loudspeaker ran dry while there was more to say.</param>
/// <param name="Overruns">Microphone frames dropped because nobody read them in time.</param>
/// <param name="RenderLatency">The device's own delay between rendering position and loudspeaker, in samples; 0 if unknown.</param>
/// <param name="Problem">What is wrong and what to do, when it is lost.</param>
public readonly record struct AudioDeviceStatus(
    AudioDeviceState State, long Underruns = 0, long Overruns = 0, int RenderLatency = 0, string? Problem = null);

public enum AudioDeviceState
{
    Stopped,
    Running,

    /// <summary>It went away; the device reopens it with backoff and the clock goes on.</summary>
    Lost,

    /// <summary>A file device has come to the end of what it had to play.</summary>
    Ended,
}
