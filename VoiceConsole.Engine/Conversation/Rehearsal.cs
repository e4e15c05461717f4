using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// A few turns of nobody with nobody, in a silent room on virtual time: the runtime compiles each method when it is first called,
/// and without this the first user would wait for that, some 25 ms, and whoever talks until the history is summarised once more.
/// Nothing of it is heard, shown or stored.
/// </summary>
internal static class Rehearsal
{
    // The history is summarised in the second, and the last is cut off.
    internal const int Turns = 3;

    private const int Rate = 16_000;
    private static readonly Lazy<Task> s_once = new(() => Task.Run(HoldAsync));

    /// <summary>Completes when it has been held; it is held once in the life of the process.</summary>
    public static Task OnceAsync() => s_once.Value;

    /// <returns>Turns that were answered, and how often the history was summarised.</returns>
    internal static async Task<(int Answered, int Summaries)> HoldAsync()
    {
        var time = new VirtualTime();
        var loop = new EventLoop(time);
        var options = new ConversationOptions { Record = false };
        var room = new RoomAudioDevice(RoomOptions.Preset("silent"), time);
        var engines = new ConversationEngines(
            new NoCanceller(), new Loudness(), new Hello(), new LanguageEngine(new Answer(), "rehearsal", null, null, options, time), new Tone());
        var started = new ConversationStarted(Guid.NewGuid(), time.GetUtcNow(), Rate, room.Name, engines.Recognizer.Id, "rehearsal", engines.Voice.Id, engines.Canceller.Id, options);
        await using var session = new ConversationSession(loop, room, engines, options, started, null, () => ValueTask.CompletedTask);
        using var events = session.Events.SubscribeLossless();
        loop.Post(_ => Follow(session, room, time), null);
        session.Start();
        await session.Completion;
        int answered = 0, summaries = 0;
        while (events.Reader.TryRead(out var turnEvent))
        {
            answered += turnEvent is TurnCompleted { Outcome: "answered" or "interrupted" } ? 1 : 0;
            summaries += turnEvent is HistorySummarized ? 1 : 0;
        }

        return (answered, summaries);
    }

    private static async void Follow(ConversationSession session, RoomAudioDevice room, TimeProvider time)
    {
        for (var turn = 1; turn <= Turns; turn++)
        {
            room.Speak(Noise(Rate / 2), TimeSpan.FromMilliseconds(500));
            // However it goes, it ends.
            for (var step = 0; step < 300 && session.State != ConversationState.Speaking; step++)
                await Task.Delay(TimeSpan.FromMilliseconds(10), time);
            if (turn == Turns)
                session.Interrupt();
            await Task.Delay(TimeSpan.FromSeconds(2), time);
        }

        _ = session.StopAsync();
    }

    private static float[] Noise(int length)
    {
        var random = new Random(1);
        var noise = new float[length];
        for (var i = 0; i < length; i++)
            noise[i] = 0.2f * (float)(random.NextDouble() - 0.5);
        return noise;
    }

    private sealed class Loudness : IVoiceDetector
    {
        public string Id => "loudness";

        public int WindowSamples => 512;

        public float Detect(ReadOnlySpan<float> window) => Listener.Level(window) > -40 ? 1 : 0;

        public void Reset() { }

        public void Dispose() { }
    }

    private sealed class Hello : ISpeechRecognizer
    {
        public string Id => "hello";

        public IReadOnlyList<string> Languages => ["en"];

        public async IAsyncEnumerable<Transcript> RecognizeAsync(ISpeechSource speech, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var buffer = new float[1600];
            while (await speech.ReadAsync(buffer, cancellationToken) > 0)
                yield return new Transcript("Hello", false, "en");
            yield return new Transcript("Hello there", true, "en");
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Answer : IChatClient
    {
        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var piece in new[] { "Good", " day.", " How", " are", " you?" })
            {
                await Task.Yield();
                yield return new ChatResponseUpdate(ChatRole.Assistant, piece);
            }
        }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("A spoken reply is streamed.");

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(ITokenCounter) ? new Letters() : null;

        public void Dispose() { }
    }

    // A context in which one turn fits.
    private sealed class Letters : ITokenCounter
    {
        public int ContextTokens => 100;

        public int Count(string text) => text.Length / 4;
    }

    // At another rate than the room's, as most voices are.
    private sealed class Tone : ISpeechSynthesizer
    {
        public string Id => "tone";

        public IReadOnlyList<string> Languages => [];

        public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            yield return new SpeechAudio(Noise(11_025), 22_050, [new WordTiming(0, text.Length, 0, 11_025)]);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
