namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>A simulated room and how the loudspeaker sounds in it.</summary>
/// <param name="Name">For people.</param>
/// <param name="ReverberationTime">RT60 in seconds, 0 (no reflections) to 1.5.</param>
/// <param name="EchoLevel">Level of the loudspeaker at the microphone relative to what was rendered, in dB; negative infinity for none.</param>
/// <param name="EchoDelay">From rendering to the first sound at the microphone, the device's own delay included; 0 to 1 s.</param>
/// <param name="NoiseLevel">Noise at the microphone in dBFS; negative infinity for none.</param>
/// <param name="SoftClip">The loudspeaker distorts loud passages.</param>
/// <param name="Seed">Equal seeds give equal noise and reflections.</param>
public sealed record RoomOptions(
    string Name, double ReverberationTime, double EchoLevel, TimeSpan EchoDelay, double NoiseLevel, bool SoftClip = false, ulong Seed = 1)
{
    /// <summary>A measured response at 16 kHz from the loudspeaker to the microphone, in place of the calculated one.</summary>
    public ReadOnlyMemory<float> MeasuredResponse { get; init; }

    /// <summary>All presets, from the easiest room to the hardest.</summary>
    public static IReadOnlyList<RoomOptions> Presets { get; } =
    [
        new("silent", 0, double.NegativeInfinity, TimeSpan.Zero, double.NegativeInfinity),
        new("headphones", 0.15, -50, TimeSpan.FromMilliseconds(20), -75),
        new("desk", 0.15, -18, TimeSpan.FromMilliseconds(40), -70),
        new("office", 0.3, -12, TimeSpan.FromMilliseconds(60), -65),
        new("living", 0.5, -8, TimeSpan.FromMilliseconds(120), -60, SoftClip: true),
        new("hall", 0.8, -6, TimeSpan.FromMilliseconds(200), -60, SoftClip: true),
    ];

    /// <exception cref="ArgumentException">There is none of that name; the message lists them.</exception>
    public static RoomOptions Preset(string name) =>
        Presets.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no room '{name}'. There are: {string.Join(", ", Presets.Select(p => p.Name))}.");
}
