namespace VoiceConsole.Engine.Echo.Adaptive;

/// <summary>The echo filter alone as a canceller: managed, without delay, and gentle to a user who speaks over the reply; what the filter cannot predict stays.</summary>
public sealed class AdaptiveCanceller : IEchoCanceller
{
    private readonly EchoFilter _filter = new();
    private readonly float[] _echo = new float[EchoFilter.Frame], _left = new float[EchoFilter.Frame];

    public string Id => "adaptive";

    public int DelaySamples => 0;

    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, Span<float> cleaned)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(captured.Length, EchoFilter.Frame);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rendered.Length, EchoFilter.Frame);
        _filter.Process(captured, rendered, _echo, _left);
        _left.CopyTo(cleaned);
    }

    public void Reset() => _filter.Reset();

    public void Dispose() { }
}
