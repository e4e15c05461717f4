using System.Numerics.Tensors;

namespace VoiceConsole.Engine.Echo.Adaptive;

/// <summary>An <see cref="EchoFilter"/> whose reference keeps step with the microphone's clock. Per-frame work on 10 ms frames: no allocation.</summary>
/// <param name="followsClock">False leaves the reference as it is.</param>
internal sealed class FollowingFilter(bool followsClock)
{
    /// <summary>
    /// The microphone is held back by so many samples, 2 ms: a reference that was moved between two samples is late itself, and an
    /// echo that comes at once, or before its reference, is still behind it then. With WebRTC's own delay it makes a whole frame.
    /// </summary>
    public const int Late = 35;

    private readonly ReferenceAligner _aligner = new();
    private readonly ClockDrift _drift = new();
    private readonly float[] _captured = new float[EchoFilter.Frame + Late];
    private readonly float[] _reference = new float[EchoFilter.Frame], _echo = new float[EchoFilter.Frame], _left = new float[EchoFilter.Frame];

    public EchoFilter Filter { get; } = new();

    /// <summary>What the loudspeaker was sent, in step with the microphone.</summary>
    public ReadOnlySpan<float> Reference => _reference;

    /// <summary>The echo as predicted.</summary>
    public ReadOnlySpan<float> Echo => _echo;

    /// <summary>The microphone, <see cref="Late"/>.</summary>
    public ReadOnlySpan<float> Captured => _captured.AsSpan(0, EchoFilter.Frame);

    /// <summary>The same without the echo.</summary>
    public ReadOnlySpan<float> Left => _left;

    /// <summary>By how much the microphone's clock runs faster than the loudspeaker's, parts per million.</summary>
    public double DriftPpm => _drift.Rate * 1e6;

    /// <summary>The reference is later than the microphone by this much, samples, or sooner: the path is learnt that much too short.</summary>
    public double ReferenceDelay => (followsClock ? ReferenceAligner.Late + _aligner.Offset : 0) - Late;

    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered)
    {
        _captured.AsSpan(EchoFilter.Frame).CopyTo(_captured);
        captured.CopyTo(_captured.AsSpan(Late));
        if (!followsClock)
        {
            rendered.CopyTo(_reference);
            Filter.Process(Captured, _reference, _echo, _left);
            return;
        }

        if (_aligner.Rate == 0 && _drift.Rate != 0)
            Filter.Doubt();
        _aligner.Rate = _drift.Rate;
        if (_aligner.IsAtEnd)
            Jump();
        _aligner.Process(rendered, _reference);
        Filter.Process(Captured, _reference, _echo, _left);
        _drift.Process(Captured, _reference, Filter.PathPeak[TensorPrimitives.IndexOfMax<float>(Filter.PathEnergy)]);
    }

    private void Jump()
    {
        if (_aligner.Offset > EchoFilter.Taps)
        {
            // After half an hour at 100 ppm: the path is learnt anew.
            _aligner.Jump(0);
            Filter.Reset();
        }
        else if (Filter.TryShorten())
        {
            // The echo comes sooner and sooner: the reference is held back to have room for that.
            _aligner.Jump(_aligner.Offset + EchoFilter.Taps);
        }
        else
        {
            return;
        }

        _drift.Jump();
    }

    /// <summary>Forgets the path and the clocks.</summary>
    public void Reset()
    {
        Array.Clear(_captured);
        Filter.Reset();
        _aligner.Reset();
        _drift.Reset();
    }
}
