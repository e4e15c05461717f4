namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>What a loudspeaker adds to the sound it is given.</summary>
public enum LoudspeakerKind
{
    /// <summary>Nothing.</summary>
    Linear,

    /// <summary>Loud passages are rounded.</summary>
    SoftClip,

    /// <summary>All beyond half of full scale is cut off.</summary>
    HardClip,

    /// <summary>A sigmoid that bends one side more than the other, as a small cone does.</summary>
    Asymmetric,
}

/// <summary>A simulated room and how the loudspeaker sounds in it.</summary>
/// <param name="Name">For people.</param>
/// <param name="ReverberationTime">RT60 in seconds, 0 (no reflections) to 1.5.</param>
/// <param name="EchoLevel">Level of the loudspeaker at the microphone relative to what was rendered, in dB; negative infinity for none.</param>
/// <param name="EchoDelay">From rendering to the first sound at the microphone, the device's own delay included; 0 to 1 s.</param>
/// <param name="NoiseLevel">Noise at the microphone in dBFS; negative infinity for none.</param>
/// <param name="Loudspeaker">What the loudspeaker does to loud passages.</param>
/// <param name="Seed">Equal seeds give equal noise and reflections.</param>
public sealed record RoomOptions(
    string Name, double ReverberationTime, double EchoLevel, TimeSpan EchoDelay, double NoiseLevel, LoudspeakerKind Loudspeaker = LoudspeakerKind.Linear, ulong Seed = 1)
{
    /// <summary>A measured response at 16 kHz from the loudspeaker to the microphone, in place of the calculated one.</summary>
    public ReadOnlyMemory<float> MeasuredResponse { get; init; }

    /// <summary>The room's own sound at the microphone, 16 kHz: a fan, a television. Repeated for as long as the room is used.</summary>
    public ReadOnlyMemory<float> Ambience { get; init; }

    /// <summary>How much faster the loudspeaker's clock runs than the microphone's, in parts per million, −500 to 500.</summary>
    public double DriftPpm { get; init; }

    /// <summary>All presets, from the easiest room to the hardest.</summary>
    public static IReadOnlyList<RoomOptions> Presets { get; } =
    [
        new("silent", 0, double.NegativeInfinity, TimeSpan.Zero, double.NegativeInfinity),
        new("headphones", 0.15, -50, TimeSpan.FromMilliseconds(20), -75),
        new("desk", 0.15, -18, TimeSpan.FromMilliseconds(40), -70),
        new("office", 0.3, -12, TimeSpan.FromMilliseconds(60), -65),
        new("living", 0.5, -8, TimeSpan.FromMilliseconds(120), -60, LoudspeakerKind.SoftClip),
        new("hall", 0.8, -6, TimeSpan.FromMilliseconds(200), -60, LoudspeakerKind.SoftClip),
    ];

    /// <exception cref="ArgumentException">There is none of that name; the message lists them.</exception>
    public static RoomOptions Preset(string name) =>
        Presets.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no room '{name}'. There are: {string.Join(", ", Presets.Select(p => p.Name))}.");
}
