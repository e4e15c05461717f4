namespace VoiceConsole.Engine.Speech;

/// <summary>An utterance that is all there already.</summary>
/// <param name="samples">16 kHz.</param>
public sealed class RecordedSpeech(ReadOnlyMemory<float> samples) : ISpeechSource
{
    private int _position;

    public ValueTask<int> ReadAsync(Memory<float> destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var count = Math.Min(destination.Length, samples.Length - _position);
        samples.Slice(_position, count).CopyTo(destination);
        _position += count;
        return ValueTask.FromResult(count);
    }
}
