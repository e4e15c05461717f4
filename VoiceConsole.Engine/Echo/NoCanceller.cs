namespace VoiceConsole.Engine.Echo;

/// <summary>Leaves the microphone as it is: for headphones, and to hear what a canceller is worth.</summary>
public sealed class NoCanceller : IEchoCanceller
{
    public string Id => "none";

    public int DelaySamples => 0;

    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, Span<float> cleaned) => captured.CopyTo(cleaned);

    public void Reset() { }

    public void Dispose() { }
}
