namespace VoiceConsole.Engine.Speech;

/// <summary>An utterance as it is being spoken: 16 kHz mono samples that arrive while the user talks.</summary>
public interface ISpeechSource
{
    /// <summary>Waits for sound and copies up to <paramref name="destination"/>.Length samples of it. Returns how many; 0 at the end of the utterance.</summary>
    ValueTask<int> ReadAsync(Memory<float> destination, CancellationToken cancellationToken);
}
