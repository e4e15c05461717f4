using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>A model that always has the next reply ready: sentence by sentence, 100 ms after the question.</summary>
internal sealed class ScriptedReplies(TimeProvider time, Func<IReadOnlyList<string>> next) : IChatClient
{
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
        foreach (var sentence in next())
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, sentence + " ");
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("A spoken reply is streamed.");

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }
}

/// <summary>
/// A scripted transcript in place of a recogniser, for scenarios that do not judge words: the words that were really said
/// within the utterance's sound, by the user or, where he said none, by the console. It never mishears.
/// </summary>
internal sealed class TrueTranscript(Func<long, long, string> saidBetween) : ISpeechRecognizer
{
    public string Id => "true transcript";

    public IReadOnlyList<string> Languages => ["en", "zh"];

    public async IAsyncEnumerable<Transcript> RecognizeAsync(ISpeechSource speech, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new float[1600];
        while (await speech.ReadAsync(buffer, cancellationToken) > 0)
        {
        }

        var segment = (SpeechSegment)speech;
        yield return new Transcript(saidBetween(segment.Start, segment.End), true, "en");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
