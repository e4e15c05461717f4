using VoiceConsole.Engine.Audio.Devices;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>
/// The points at which each scenario is run. Signal to echo and delay are crossed in full; the other axes turn at their own
/// pace, so that every value meets every value of each of the others. The same for the same seed.
/// </summary>
internal static class EchoGrid
{
    public static readonly IReadOnlyList<double> SignalToEcho = [-10, -5, 0, 5, 10, 15, 20];

    /// <summary>ms; the last is reported apart.</summary>
    public static readonly IReadOnlyList<int> Delays = [0, 20, 60, 120, 200, 300, FarDelay];

    public const int FarDelay = 600;

    /// <summary>RT60, s.</summary>
    public static readonly IReadOnlyList<double> Rooms = [0.15, 0.3, 0.5, 0.8];

    private static readonly LoudspeakerKind[] s_loudspeakers = Enum.GetValues<LoudspeakerKind>();
    private static readonly RoomNoise[] s_noises = [RoomNoise.None, RoomNoise.Fan, RoomNoise.None, RoomNoise.Television, RoomNoise.None, RoomNoise.Keyboard];
    private static readonly double[] s_drifts = [0, 0, 0, 100, 0, 0, -100];

    public static IReadOnlyList<EchoPoint> Points(EchoScenario scenario, bool quick, int seed)
    {
        double[] levels = quick ? [-10, 0, 10] : [.. SignalToEcho];
        int[] delays = quick ? [20, 120, 300] : [.. Delays];
        var points = new List<EchoPoint>();
        foreach (var level in levels)
        {
            foreach (var delay in delays)
                points.Add(Point(points.Count, level, delay, seed) is var point && scenario.ReverberationTime is { } time ? point with { ReverberationTime = time } : point);
        }

        return quick ? [.. points.Where((_, i) => Keeps(scenario, i))] : points;
    }

    // Of the quick grid's nine places: the diagonals for what is costly, all for the barge-in.
    private static bool Keeps(EchoScenario scenario, int place) => scenario.Id switch
    {
        "S3" => true,
        "S1" or "S4" or "S5" => place is 0 or 4 or 8 or 2,
        "S9" => place is 2,
        "move" => place is 4 or 2,
        _ => place is 1 or 5,
    };

    private static EchoPoint Point(int number, double level, int delay, int seed) => new(
        Rooms[(number + number / 4) % Rooms.Count], s_loudspeakers[(number / 2 + number / 7) % s_loudspeakers.Length], delay,
        s_drifts[number % s_drifts.Length], level, s_noises[(number + number / 5) % s_noises.Length],
        number % 5 == 4 ? "espeak-ng" : Material.UserVoices[number % Material.UserVoices.Count], number % 5 == 4, seed * 1009 + number);
}
