namespace VoiceConsole.Engine.Echo;

/// <summary>Which layers of the echo guard are at work. Each can be switched off alone, to see what it is worth.</summary>
public sealed record GuardOptions
{
    /// <summary>No guard at all: what the detector takes for speech stops the reply.</summary>
    public static GuardOptions Off { get; } = new() { NearEnd = false };

    /// <summary>Deaf while the loudspeaker is audible, and for its tail of 300 ms: no loops, and nobody can interrupt.</summary>
    public bool HalfDuplex { get; init; }

    /// <summary>The microphone is taken as it is while somebody is clearly louder than the echo, since the canceller chops his speech.</summary>
    public bool NearEnd { get; init; } = true;
}
