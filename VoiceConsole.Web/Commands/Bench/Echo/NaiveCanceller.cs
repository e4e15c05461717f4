using VoiceConsole.Engine.Echo;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>
/// A baseline, not an engine: the canceller that everybody writes first. The reference is what was queued for the loudspeaker,
/// taken at that moment; one gain per 20 ms fits it to the microphone; what is left below a fixed level is silenced.
/// </summary>
internal sealed class NaiveCanceller : IEchoCanceller
{
    private const int Frame = 320;
    private const float GateRms = 0.01f;
    private readonly Queue<float> _reference = new();
    private readonly float[] _microphone = new float[Frame], _loudspeaker = new float[Frame], _ready = new float[Frame];
    private int _filled;
    private int _silent;

    public string Id => "naive";

    public int DelaySamples => Frame;

    /// <summary>Sound that was queued for the loudspeaker, at the moment it is queued.</summary>
    public void Enqueue(float[] samples)
    {
        foreach (var sample in samples)
            _reference.Enqueue(sample);
    }

    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, Span<float> cleaned)
    {
        // The reply was dropped: the reference with it.
        _silent = rendered.IndexOfAnyExcept(0f) < 0 ? _silent + 1 : 0;
        if (_silent > 100)
            _reference.Clear();
        for (var i = 0; i < captured.Length; i++, _filled++)
        {
            if (_filled == Frame)
                Cancel();
            cleaned[i] = _ready[_filled];
            _microphone[_filled] = captured[i];
            _loudspeaker[_filled] = _reference.TryDequeue(out var sample) ? sample : 0;
        }
    }

    public void Reset() => _reference.Clear();

    public void Dispose() { }

    private void Cancel()
    {
        _filled = 0;
        double product = 0, power = 1e-9, left = 0;
        for (var i = 0; i < Frame; i++)
            (product, power) = (product + _microphone[i] * _loudspeaker[i], power + _loudspeaker[i] * _loudspeaker[i]);
        var gain = (float)(product / power);
        for (var i = 0; i < Frame; i++)
        {
            _ready[i] = _microphone[i] - gain * _loudspeaker[i];
            left += _ready[i] * _ready[i];
        }

        if (Math.Sqrt(left / Frame) < GateRms)
            _ready.AsSpan().Clear();
    }
}
