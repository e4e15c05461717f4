using System.Diagnostics;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Commands.Bench.Echo;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>
/// What one 10 ms frame costs the conversation's loop while the console replies: the device read and filled, the echo cancelled
/// and judged, speech detected, the sound kept, the playback followed. On virtual time, with the real canceller, detector and
/// voice, and a user who also speaks over the replies.
/// </summary>
internal static class FrameCost
{
    // The code of the first seconds is still being compiled.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(90);
    private static readonly string[] s_reply = [.. Enumerable.Repeat("The sun is about to rise over the quiet hills behind the old town, and nobody is awake to see it.", 4)];

    /// <summary>Of frames in which the reply is audible: the mean and the 95th percentile in ms, and the bytes allocated, at the 99th percentile, for a frame in which nothing happens that is told to anybody.</summary>
    public static async Task<(double Milliseconds, double P95, double Bytes)> MeasureAsync(ConsolePaths paths, ConversationRequest request, CancellationToken cancellationToken)
    {
        var store = new ModelStore(paths);
        using var folder = new BenchFolder(paths);
        request = request with
        {
            Device = "wav",
            Microphone = folder.File("user.wav"),
            LanguageModel = null,
            FallbackModel = null,
            VirtualTime = true,
            Output = folder.File("tracks"),
            Options = request.Options with { Record = true },
        };
        await BenchUser.RecordAsync(request.Microphone, store, s_length, request.Options.Language, cancellationToken);
        await using var session = await new ConversationFactory(store, paths).CreateSessionAsync(
            request, null, cancellationToken,
            (engines, time) => engines with
            {
                Recognizer = new TrueTranscript((_, _) => "what do you see"),
                Language = new LanguageEngine(new ScriptedReplies(time, () => s_reply), "script", null, null, request.Options, time),
            });
        using var events = session.Events.SubscribeLossless();
        List<double> times = new(capacity: 1 << 16), bytes = new(capacity: 1 << 16);
        long last = 0;
        session.Loop.Post(_ => Watch(session.Loop.OnWake!), null);
        session.Start();
        await using var stop = cancellationToken.Register(() => _ = session.StopAsync());
        await session.Completion;
        cancellationToken.ThrowIfCancellationRequested();
        times.Sort();
        bytes.Sort();
        return (times.Average(), Percentile.Of(times, 0.95), Percentile.Of(bytes, 0.99));

        void Watch(Action pump) => session.Loop.OnWake = () =>
        {
            var told = events.Reader.Count;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            pump();
            var took = Stopwatch.GetElapsedTime(started);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            var position = session.Meters.Position;
            if (position > last && position > AudioFormat.Engine.ToSamples(s_warmUp) && session.State == ConversationState.Speaking)
            {
                times.Add(took.TotalMilliseconds);
                if (events.Reader.Count == told)
                    bytes.Add(allocated);
            }

            last = position;
        };
    }
}
