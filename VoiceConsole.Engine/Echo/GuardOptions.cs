using System.Text.Json.Serialization;

namespace VoiceConsole.Engine.Echo;

/// <summary>Which layers of the echo guard are at work. Each can be switched off alone, to see what it is worth.</summary>
public sealed record GuardOptions
{
    /// <summary>No guard at all: what the detector takes for speech stops the reply.</summary>
    public static GuardOptions Off { get; } = new() { Prediction = false, Drift = false, Duck = false, Shape = false, Learned = false, Words = false, Breaker = false };

    /// <summary>Deaf while the loudspeaker is audible, and for its tail: no loops, and nobody can interrupt.</summary>
    public bool HalfDuplex { get; init; }

    /// <summary>What the learnt echo path cannot explain is somebody in the room; while he speaks he is heard without the canceller's chopping.</summary>
    public bool Prediction { get; init; } = true;

    /// <summary>The reference keeps step with a microphone on another clock than the loudspeaker's.</summary>
    public bool Drift { get; init; } = true;

    /// <summary>A suspicion lowers the reply until it is confirmed or dismissed.</summary>
    public bool Duck { get; init; } = true;

    /// <summary>Hums and rough noises do not stop a reply.</summary>
    public bool Shape { get; init; } = true;

    /// <summary>What was learnt in simulated rooms tells a user from echo and noise, and how soon the reply may stop.</summary>
    public bool Learned { get; init; } = true;

    /// <summary>Is given the signs of each frame of a reply, to learn from; nothing ever stops the reply then.</summary>
    [JsonIgnore]
    internal Action<long, ReadOnlyMemory<float>>? Learner { get; init; }

    /// <summary>A turn whose words the console itself was saying at that moment is dropped.</summary>
    public bool Words { get; init; } = true;

    /// <summary>Two turns in a row of the console's own words make the conversation half-duplex.</summary>
    public bool Breaker { get; init; } = true;
}
