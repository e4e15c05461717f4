using System.Collections.Concurrent;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Echo.Learned;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>Frames of replies in simulated rooms: what the guard saw in each, and whether the user was speaking.</summary>
/// <param name="Inputs">Row by row, <see cref="NearEndSigns.Inputs"/> numbers a frame.</param>
/// <param name="Speaks">Whether he was.</param>
/// <param name="Weights">What the frame counts.</param>
internal sealed record NearEndExamples(List<float> Inputs, List<bool> Speaks, List<float> Weights)
{
    // Samples at 16 kHz: a voice's beginning is not yet to be told, and its end rings on.
    private const int Frame = 160, Onset = 960, Early = 2400, Tail = 8000, SoundTail = 12_000;

    // One in so many frames in which nobody makes a sound: they are nearly all there is. They count for so much, and a cough or "mm-hm" so much.
    private const int Thinned = 4;
    private const float QuietWeight = 2, SoundWeight = 4, EarlyWeight = 0.5f;

    // In one conversation of so many the detector is one that goes by loudness alone.
    private const int LoudnessDetector = 8;

    private static readonly string[] s_scenarios = ["S1", "S3", "S4", "S5", "S9", "S10", "move", EchoScenario.OtherNoises.Id];

    /// <summary>Plays every scenario at every point of the grid, with nothing that ever stops a reply.</summary>
    /// <param name="seed">Not one of those that are measured with.</param>
    /// <param name="recordings">Of real speakers, who are the user in half of the conversations; null where there are none.</param>
    public static async Task<NearEndExamples> CollectAsync(int seed, Recordings? recordings, ModelStore store, Action<int, int> progress, CancellationToken cancellationToken)
    {
        await using var voices = new Voices(new EngineLoader(store, TaskScheduler.Default));
        var work = (from scenario in EchoScenario.All.Append(EchoScenario.OtherNoises)
                    where s_scenarios.Contains(scenario.Id)
                    from point in EchoGrid.Points(scenario, quick: scenario.Id is "S9", seed)
                    select (Scenario: scenario with { JudgesWords = false }, Point: Elsewhere(point, recordings))).ToArray();
        var parts = new ConcurrentBag<(int Number, NearEndExamples Examples)>();
        await Parallel.ForEachAsync(
            work.Index(), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (item, cancel) =>
            {
                var frames = new List<(long Position, float[] Signs)>();
                var setup = new EchoSetup("learning", Canceller(item.Item.Point), new GuardOptions { Learner = (position, signs) => frames.Add((position, signs.ToArray())) });
                var run = await RoomRun.PlayAsync(item.Item.Scenario, item.Item.Point, setup, voices, store, cancel);
                if (item.Item.Point.Seed % LoudnessDetector == 0)
                    frames.ForEach(f => f.Signs[NearEndSigns.Detector] = f.Signs[NearEndSigns.Level] > NearEndSigns.Loud ? 1 : 0);
                parts.Add((item.Index, Of(frames, run.Sounds, new Random(item.Item.Point.Seed))));
                progress(parts.Count, work.Length);
            });
        var all = new NearEndExamples([], [], []);
        foreach (var (_, part) in parts.OrderBy(p => p.Number))
            all.Add(part);
        return all;
    }

    public void Add(NearEndExamples other)
    {
        Inputs.AddRange(other.Inputs);
        Speaks.AddRange(other.Speaks);
        Weights.AddRange(other.Weights);
    }

    // Most consoles have the best one, but not all.
    private static string Canceller(EchoPoint point) => (point.Seed / 3 % 10) switch
    {
        0 => "speex",
        1 => "adaptive",
        2 => "none",
        _ => "webrtc",
    };

    // Between the places of the grid, and with other voices for the console: what is learnt shall hold in rooms that are in no grid.
    private static EchoPoint Elsewhere(EchoPoint point, Recordings? recordings)
    {
        var random = new Random(point.Seed);
        string[] voices = ["flite-slt", .. Material.UserVoices];
        return point with
        {
            ReverberationTime = 0.1 + 0.8 * random.NextDouble(),
            DelayMs = point.DelayMs + random.Next(-Math.Min(20, point.DelayMs), 60),
            SignalToEcho = point.SignalToEcho + 6 * random.NextDouble() - 3,
            DriftPpm = random.Next(2) == 0 ? 0 : random.Next(-120, 121),
            ConsoleVoice = point.Mandarin || random.Next(3) == 0 ? Material.ConsoleVoice(point.Mandarin) : voices.Where(v => v != point.UserVoice).ElementAt(random.Next(voices.Length - 1)),
            Recorded = random.Next(2) == 0 ? recordings : null,
        };
    }

    private static NearEndExamples Of(List<(long Position, float[] Signs)> frames, IReadOnlyList<RoomSound> sounds, Random random)
    {
        var examples = new NearEndExamples([], [], []);
        var signs = new NearEndSigns();
        var expected = -1L;
        foreach (var (position, now) in frames)
        {
            if (position != expected)
                signs.Reset();
            expected = position + Frame;
            signs.Add(now);
            var (speaks, weight) = Judge(position, sounds, random);
            if (weight == 0)
                continue;
            examples.Inputs.AddRange(signs.Values);
            examples.Speaks.Add(speaks);
            examples.Weights.Add(weight);
        }

        return examples;
    }

    private static (bool Speaks, float Weight) Judge(long position, IReadOnlyList<RoomSound> sounds, Random random)
    {
        foreach (var sound in sounds)
        {
            if (position < sound.Start || position >= sound.End + SoundTail)
                continue;
            if (sound.Text.Length == 0)
                return (false, SoundWeight);
            if (position < sound.Start + Onset || position >= sound.End)
                return (false, position >= sound.End + Tail ? QuietWeight : 0);
            return (true, position < sound.Start + Early ? EarlyWeight : 1);
        }

        return (false, random.Next(Thinned) == 0 ? QuietWeight : 0);
    }
}
