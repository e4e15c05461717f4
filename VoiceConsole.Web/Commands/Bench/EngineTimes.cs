using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>
/// When the engines and the device were at work, so that what is left of a turn's latency is the pipeline's own. Wraps each
/// engine; all times are time stamps of one clock. The hop from an engine's worker thread back to the loop counts as the
/// engine's, since it happens inside its await.
/// </summary>
internal sealed class EngineTimes(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<(long Start, long End)> _intervals = [];

    public void Add(long start, long end)
    {
        lock (_lock)
            _intervals.Add((start, end));
    }

    /// <summary>How much of the stretch from <paramref name="from"/> to <paramref name="to"/> some engine was at work.</summary>
    public TimeSpan Within(long from, long to)
    {
        (long Start, long End)[] inside;
        lock (_lock)
            inside = [.. _intervals.Where(i => i.End > from && i.Start < to).Order()];
        long covered = 0, reached = from;
        foreach (var (start, end) in inside)
        {
            var begin = Math.Max(start, reached);
            var finish = Math.Min(end, to);
            if (finish <= begin)
                continue;
            covered += finish - begin;
            reached = finish;
        }

        return time.GetElapsedTime(0, covered);
    }

    public ISpeechRecognizer Wrap(ISpeechRecognizer engine) => new TimedRecognizer(engine, this, time);

    public ISpeechSynthesizer Wrap(ISpeechSynthesizer engine) => new TimedSynthesizer(engine, this, time);

    public IChatClient Wrap(IChatClient engine) => new TimedModel(engine, this, time);

    // While the user speaks the recogniser works in the shadow; what counts is from the utterance's end to the final words.
    private sealed class TimedRecognizer(ISpeechRecognizer engine, EngineTimes times, TimeProvider time) : ISpeechRecognizer
    {
        public string Id => engine.Id;

        public IReadOnlyList<string> Languages => engine.Languages;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public async IAsyncEnumerable<Transcript> RecognizeAsync(ISpeechSource speech, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var source = new EndNotingSource(speech, time);
            await foreach (var transcript in engine.RecognizeAsync(source, cancellationToken))
            {
                if (transcript.IsFinal && source.EndedAt is { } ended)
                    times.Add(ended, time.GetTimestamp());
                yield return transcript;
            }
        }

        private sealed class EndNotingSource(ISpeechSource speech, TimeProvider time) : ISpeechSource
        {
            // The last block before the end still has to be decoded after it was read.
            private long _lastRead;

            public long? EndedAt { get; private set; }

            public async ValueTask<int> ReadAsync(Memory<float> destination, CancellationToken cancellationToken)
            {
                var count = await speech.ReadAsync(destination, cancellationToken);
                if (count == 0)
                    EndedAt ??= _lastRead;
                _lastRead = time.GetTimestamp();
                return count;
            }
        }
    }

    private sealed class TimedSynthesizer(ISpeechSynthesizer engine, EngineTimes times, TimeProvider time) : ISpeechSynthesizer
    {
        public string Id => engine.Id;

        public IReadOnlyList<string> Languages => engine.Languages;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(
            string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var asked = time.GetTimestamp();
            await foreach (var audio in engine.SynthesizeAsync(text, language, cancellationToken))
            {
                times.Add(asked, time.GetTimestamp());
                yield return audio;
                asked = time.GetTimestamp();
            }
        }
    }

    private sealed class TimedModel(IChatClient engine, EngineTimes times, TimeProvider time) : DelegatingChatClient(engine)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var asked = time.GetTimestamp();
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                times.Add(asked, time.GetTimestamp());
                yield return update;
                asked = time.GetTimestamp();
            }
        }
    }
}
