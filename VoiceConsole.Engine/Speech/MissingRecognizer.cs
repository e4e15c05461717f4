using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Speech;

/// <summary>Stands where a recogniser cannot be had: what is spoken fails with the reason and its remedy; what is typed is answered.</summary>
internal sealed class MissingRecognizer(ModelUnavailableException reason) : ISpeechRecognizer
{
    public string Id => "none";

    public IReadOnlyList<string> Languages => [];

    public IAsyncEnumerable<Transcript> RecognizeAsync(ISpeechSource speech, CancellationToken cancellationToken) =>
        throw new ModelUnavailableException(reason.Message, reason.Remedy, reason);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
