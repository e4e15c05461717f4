using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Echo;

namespace VoiceConsole.Web.Commands.Bench.Echo;

internal enum RoomNoise
{
    None,
    Fan,
    Television,
    Keyboard,
}

/// <summary>One place in the grid: a room, what is in it and who speaks.</summary>
/// <param name="ReverberationTime">RT60, s.</param>
/// <param name="Loudspeaker">Its distortion.</param>
/// <param name="DelayMs">From rendering to the microphone.</param>
/// <param name="DriftPpm">Of the loudspeaker's clock.</param>
/// <param name="SignalToEcho">Level of the user over the echo at the microphone, dB.</param>
/// <param name="Noise">What else sounds in the room.</param>
/// <param name="UserVoice">A voice of the catalogue.</param>
/// <param name="Mandarin">Both speak Mandarin.</param>
/// <param name="Seed">Of everything random in the run.</param>
internal sealed record EchoPoint(
    double ReverberationTime, LoudspeakerKind Loudspeaker, int DelayMs, double DriftPpm, double SignalToEcho, RoomNoise Noise,
    string UserVoice, bool Mandarin, int Seed)
{
    /// <summary>Whose voice the console has; one of the catalogue.</summary>
    public string ConsoleVoice { get; init; } = Material.ConsoleVoice(Mandarin);

    /// <summary>Who speaks, and in what room, where that was recorded.</summary>
    public Recordings? Recorded { get; init; }
}

/// <summary>What stands between the microphone and the decision.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Canceller">An engine's id, or "naive".</param>
/// <param name="Guard">The layers at work.</param>
internal sealed record EchoSetup(string Name, string Canceller, GuardOptions Guard)
{
    public const string Ours = "guard";

    /// <summary>Shows what one layer is worth; only run where the layers matter.</summary>
    public bool IsWithoutLayer { get; init; }

    /// <summary>It talks to itself without end: a real recogniser would have to hear all of that.</summary>
    public bool HearsItself => !Guard.HalfDuplex && Canceller is ("none" or "naive");

    /// <summary>The four baselines, the console as it is, and the console without each of its layers.</summary>
    public static IReadOnlyList<EchoSetup> All { get; } =
    [
        new("no guard", "none", GuardOptions.Off),
        new("half-duplex", "none", GuardOptions.Off with { HalfDuplex = true }),
        new("naive canceller", "naive", GuardOptions.Off),
        new("cancellation alone", "webrtc", GuardOptions.Off),
        new(Ours, "webrtc", new GuardOptions()),
        new("without prediction", "webrtc", new GuardOptions { Prediction = false }) { IsWithoutLayer = true },
        new("without drift", "webrtc", new GuardOptions { Drift = false }) { IsWithoutLayer = true },
        new("without duck", "webrtc", new GuardOptions { Duck = false }) { IsWithoutLayer = true },
        new("without shape", "webrtc", new GuardOptions { Shape = false }) { IsWithoutLayer = true },
        new("without the net", "webrtc", new GuardOptions { Learned = false }) { IsWithoutLayer = true },
        new("without words", "webrtc", new GuardOptions { Words = false, Breaker = false }) { IsWithoutLayer = true },
    ];
}
