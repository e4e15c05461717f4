namespace VoiceConsole.Engine.Echo.Adaptive;

/// <summary>The echo filter alone as a canceller: managed, quick, and gentle to a user who speaks over the reply; what the filter cannot predict stays.</summary>
public sealed class AdaptiveCanceller : IEchoCanceller
{
    private readonly FollowingFilter _filter = new(followsClock: true);

    public string Id => "adaptive";

    public int DelaySamples => FollowingFilter.Late;

    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, Span<float> cleaned)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(captured.Length, EchoFilter.Frame);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rendered.Length, EchoFilter.Frame);
        _filter.Process(captured, rendered);
        _filter.Left.CopyTo(cleaned);
    }

    public void Reset() => _filter.Reset();

    public void Dispose() { }
}
