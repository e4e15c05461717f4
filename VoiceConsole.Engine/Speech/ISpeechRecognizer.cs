namespace VoiceConsole.Engine.Speech;

/// <summary>Turns an utterance into text.</summary>
/// <remarks>
/// Thread-safe for one utterance at a time; a second call waits for the first to end. Blocking native work runs on the
/// <see cref="TaskScheduler"/> given to the engine, so that virtual time can hold still meanwhile.
/// </remarks>
public interface ISpeechRecognizer : IAsyncDisposable
{
    /// <summary>Catalogue id, for example "pocketsphinx-en-us".</summary>
    string Id { get; }

    /// <summary>BCP 47 tags it understands.</summary>
    IReadOnlyList<string> Languages { get; }

    /// <summary>Partial transcripts while the utterance arrives, then exactly one final one.</summary>
    IAsyncEnumerable<Transcript> RecognizeAsync(ISpeechSource speech, CancellationToken cancellationToken);
}
