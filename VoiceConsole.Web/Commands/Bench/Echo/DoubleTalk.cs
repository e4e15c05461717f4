using System.Numerics.Tensors;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Echo.SelfTest;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>What a setup made of the user while the console spoke, over all rooms and loudspeakers.</summary>
/// <param name="Rooms">How many.</param>
/// <param name="SiSdr">Scale-invariant ratio of the user's sound, as it is without echo, to all else in what the recogniser gets; dB, p50.</param>
/// <param name="Words">That the user said.</param>
/// <param name="Wrong">Of these, heard wrong, not at all, or added.</param>
internal sealed record DoubleTalkFigures(string Setup, int Rooms, double SiSdr, int Words, int Wrong);

/// <summary>
/// Double talk: the console goes on talking while the user speaks, as loud as its echo. What the recogniser would get of him is
/// held against the same microphone without an echo. Nothing stops the console here: it is the chain that is judged, not the turn.
/// </summary>
internal static class DoubleTalk
{
    public const string Id = "double";

    private const string WithoutEcho = "without echo", UserVoice = "flite-rms";
    private const int Rate = 16_000, Before = 6 * Rate, Pause = Rate * 6 / 10;

    public static async Task<IReadOnlyList<DoubleTalkFigures>> MeasureAsync(bool quick, int seed, CancellationToken cancellationToken)
    {
        var loader = new EngineLoader(new ModelStore(ConsolePaths.Find()), TaskScheduler.Default, new ConsoleProgress());
        await using var voices = new Voices(loader);
        var rooms = quick
            ? [(0.3, LoudspeakerKind.Linear), (0.5, LoudspeakerKind.SoftClip)]
            : (from time in EchoGrid.Rooms from loudspeaker in Enum.GetValues<LoudspeakerKind>() select (time, loudspeaker)).ToArray();
        var results = new IReadOnlyList<DoubleTalkFigures>[rooms.Length];
        await Parallel.ForEachAsync(
            rooms.Index(), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (room, cancel) => results[room.Index] = await InRoomAsync(room.Item.Item1, room.Item.Item2, (ulong)seed, loader, voices, cancel));
        return
        [
            .. results.SelectMany(r => r).GroupBy(f => f.Setup).Select(g => new DoubleTalkFigures(
                g.Key, rooms.Length, Math.Round(g.Select(f => f.SiSdr).Order().ElementAt(g.Count() / 2), 1), g.Sum(f => f.Words), g.Sum(f => f.Wrong))),
        ];
    }

    private static async Task<IReadOnlyList<DoubleTalkFigures>> InRoomAsync(
        double reverberation, LoudspeakerKind loudspeaker, ulong seed, EngineLoader loader, Voices voices, CancellationToken cancellationToken)
    {
        var (far, near, sentences) = await SpeechAsync(voices, cancellationToken);
        var options = new RoomOptions("double talk", reverberation, RoomRun.UserLevel - Sounds.ActiveLevel(far), TimeSpan.FromMilliseconds(60), -70, loudspeaker, seed);
        var (microphone, rendered) = await RecordAsync(options, far, near, cancellationToken);
        var (user, _) = await RecordAsync(options, new float[far.Length], near, cancellationToken);
        await using var recognizer = await loader.RecognizerAsync(null, cancellationToken);
        var figures = new List<DoubleTalkFigures> { await JudgeAsync(WithoutEcho, user) };
        foreach (var setup in EchoSetup.All.Where(s => s.Name is "no guard" or "cancellation alone" or EchoSetup.Ours))
            figures.Add(await JudgeAsync(setup.Name, await ProcessAsync(setup, microphone, rendered, loader, cancellationToken)));
        return figures;

        async Task<DoubleTalkFigures> JudgeAsync(string setup, float[] heard)
        {
            var (words, wrong) = (0, 0);
            foreach (var (said, start, end) in sentences)
            {
                var expected = Words(said);
                words += expected.Length;
                var text = await HearAsync(recognizer, heard.AsMemory(start - Pause / 2, end - start + Pause), cancellationToken);
                wrong += Errors(expected, Words(text));
            }

            var (from, length) = (sentences[0].Start, sentences[^1].End - sentences[0].Start);
            return new DoubleTalkFigures(setup, 1, SiSdr(user.AsSpan(from, length), heard.AsSpan(from, length)), words, wrong);
        }
    }

    // What the console says, what the user says, and where.
    private static async Task<(float[] Far, float[] Near, IReadOnlyList<(string Text, int Start, int End)> Sentences)> SpeechAsync(Voices voices, CancellationToken cancellationToken)
    {
        List<float> near = [.. new float[Before]], far = [];
        var sentences = new List<(string, int, int)>();
        foreach (var text in Material.Interruptions)
        {
            var sound = Sounds.Trimmed((await voices.SayAsync(UserVoice, text, "en", cancellationToken)).Samples);
            sentences.Add((text, near.Count, near.Count + sound.Length));
            near.AddRange(Sounds.AtLevel(sound, RoomRun.UserLevel));
            near.AddRange(new float[Pause]);
        }

        for (var i = 0; far.Count < near.Count; i++)
            far.AddRange((await voices.SayAsync(Material.ConsoleVoice(false), Material.Sentences(false)[i], "en", cancellationToken)).Samples);
        return ([.. far], [.. near], sentences);
    }

    private static async Task<(float[] Microphone, float[] Rendered)> RecordAsync(RoomOptions options, float[] far, float[] near, CancellationToken cancellationToken)
    {
        var time = new VirtualTime();
        using var loop = new EventLoop(time);
        await using var room = new RoomAudioDevice(options, time);
        // The user's own room makes him louder; he is as loud as the echo at the microphone.
        var response = RoomResponse.Calculate(RoomResponse.User, options.ReverberationTime, Rate, normalise: false);
        var scaled = new float[near.Length];
        TensorPrimitives.Multiply(near, 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(response)), scaled);
        room.Speak(scaled);
        (float[], float[]) recorded = default;
        loop.Run(async () => recorded = await DeviceSound.PlayAsync(room, far, null, cancellationToken));
        return recorded;
    }

    private static async Task<float[]> ProcessAsync(EchoSetup setup, float[] microphone, float[] rendered, EngineLoader loader, CancellationToken cancellationToken)
    {
        var canceller = await loader.CancellerAsync(setup.Canceller, cancellationToken);
        using var listener = new Listener(canceller, await loader.DetectorAsync(cancellationToken), new ConversationOptions { Guard = setup.Guard }, AudioFormat.Engine);
        var (frame, delay) = (AudioFormat.Engine.FrameSamples, Listener.Delay(canceller, setup.Guard));
        var processed = new float[microphone.Length + frame];
        for (var at = 0; at + frame <= microphone.Length; at += frame)
        {
            listener.Process(new AudioFrame(microphone.AsSpan(at, frame), rendered.AsSpan(at, frame), at, at), replying: true);
            listener.Processed.CopyTo(processed.AsSpan(at));
        }

        return processed[delay..];
    }

    private static async Task<string> HearAsync(ISpeechRecognizer recognizer, ReadOnlyMemory<float> sound, CancellationToken cancellationToken)
    {
        var text = "";
        await foreach (var transcript in recognizer.RecognizeAsync(new RecordedSpeech(sound), cancellationToken))
            text = transcript.IsFinal ? transcript.Text : text;
        return text;
    }

    private static string[] Words(string text) => text.ToLowerInvariant().Split([' ', '.', ',', '?', '!'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Words to change, add or take away until the one is the other.</summary>
    internal static int Errors(ReadOnlySpan<string> expected, ReadOnlySpan<string> heard)
    {
        var row = Enumerable.Range(0, heard.Length + 1).ToArray();
        for (var i = 0; i < expected.Length; i++)
        {
            var (before, diagonal) = (i + 1, row[0]);
            row[0] = before;
            for (var j = 0; j < heard.Length; j++)
            {
                var best = Math.Min(Math.Min(row[j + 1], row[j]) + 1, diagonal + (expected[i] == heard[j] ? 0 : 1));
                (diagonal, row[j + 1]) = (row[j + 1], best);
            }
        }

        return row[^1];
    }

    /// <summary>How much stronger the wanted sound is in what was heard than all else; whatever its level. dB.</summary>
    internal static double SiSdr(ReadOnlySpan<float> wanted, ReadOnlySpan<float> heard)
    {
        double both = TensorPrimitives.Dot(wanted, heard), own = TensorPrimitives.SumOfSquares(wanted), all = TensorPrimitives.SumOfSquares(heard);
        var target = both * both / (own + 1e-12);
        return 10 * Math.Log10((target + 1e-12) / (Math.Max(0, all - target) + 1e-12));
    }
}
