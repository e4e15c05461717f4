using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Speech;

/// <summary>Stands where a voice cannot be had: what it is asked to say fails with the reason and its remedy, everything else goes on.</summary>
internal sealed class MissingVoice(string id, ModelUnavailableException reason) : ISpeechSynthesizer
{
    public string Id => $"{id} (missing)";

    public IReadOnlyList<string> Languages => [];

    public IReadOnlyList<ISpeechSynthesizer> Parts => [];

    public IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, CancellationToken cancellationToken) =>
        throw new ModelUnavailableException(reason.Message, reason.Remedy, reason);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
