using System.Numerics.Tensors;
using VoiceConsole.Engine.Echo.Adaptive;

namespace VoiceConsole.Engine.Echo;

/// <summary>
/// Running estimates of the way from the loudspeaker to the microphone, from what the echo filter has learnt and from how well
/// that explains the microphone while nobody else seems to make a sound. Per-frame work: no allocation.
/// </summary>
internal sealed class EchoPath(FollowingFilter filter, int sampleRate)
{
    // About a second.
    private const float Smoothing = 0.99f;
    private const float Audible = 1e-7f;

    // Two seconds of echo are enough to believe what was learnt.
    private const int Enough = 200;

    private float _captured, _left, _cleaned, _echo, _both;
    private int _frames;

    /// <summary>Power of the microphone over what the filter leaves of it, 1 and more; 1 before anything is known.</summary>
    public float FilterGain => _left > 0 ? _captured / _left : 1;

    /// <summary>Takes a frame in which nobody in the room is suspected of speaking.</summary>
    public void Observe()
    {
        ReadOnlySpan<float> captured = filter.Captured, echo = filter.Echo;
        IsAudible = TensorPrimitives.SumOfSquares(echo) / echo.Length >= Audible;
        if (!IsAudible)
            return;
        _frames++;
        Follow(ref _captured, TensorPrimitives.SumOfSquares(captured));
        Follow(ref _left, TensorPrimitives.SumOfSquares(filter.Left));
        Follow(ref _echo, TensorPrimitives.SumOfSquares(echo));
        Follow(ref _both, TensorPrimitives.Dot(captured, echo));
    }

    /// <summary>Takes what the canceller made of the same frame.</summary>
    public void ObserveCanceller(ReadOnlySpan<float> cleaned)
    {
        if (IsAudible)
            Follow(ref _cleaned, TensorPrimitives.SumOfSquares(cleaned));
    }

    /// <summary>There was echo in the last frame observed.</summary>
    public bool IsAudible { get; private set; }

    /// <summary>What is known at this moment.</summary>
    public EchoPathEstimate Estimate()
    {
        var strongest = TensorPrimitives.IndexOfMax<float>(filter.Filter.PathEnergy);
        var coherence = Math.Clamp(_both * _both / (_captured * _echo + 1e-20f), 0, 1);
        return new EchoPathEstimate(
            (filter.Filter.PathPeak[strongest] + filter.ReferenceDelay) * 1000.0 / sampleRate, -Decibels(TensorPrimitives.Sum<float>(filter.Filter.PathEnergy)), Decibels(FilterGain),
            _cleaned > 0 ? Decibels(_captured / _cleaned) : 0, Math.Round(coherence, 3), Math.Round(coherence * Math.Min(1.0, _frames / (double)Enough), 3), Math.Round(filter.DriftPpm));
    }

    /// <summary>Forgets all.</summary>
    public void Reset() => (_captured, _left, _cleaned, _echo, _both, _frames, IsAudible) = (0, 0, 0, 0, 0, 0, false);

    private static void Follow(ref float value, float now) => value = Smoothing * value + (1 - Smoothing) * now;

    private static double Decibels(float ratio) => Math.Round(10 * Math.Log10(Math.Max(1e-9, ratio)), 1);
}

/// <summary>The way of the echo.</summary>
/// <param name="DelayMs">From the sample's leaving for the loudspeaker to the strongest echo of it.</param>
/// <param name="ReturnLossDb">How much fainter the echo is than what was rendered.</param>
/// <param name="FilterErleDb">How much of it the filter takes away.</param>
/// <param name="CancellerErleDb">How much of it the canceller takes away.</param>
/// <param name="Coherence">Share of the microphone that the filter's prediction explains, 0 to 1.</param>
/// <param name="Confidence">0 (nothing heard yet) to 1.</param>
/// <param name="DriftPpm">By how much the microphone's clock runs faster than the loudspeaker's.</param>
internal readonly record struct EchoPathEstimate(
    double DelayMs, double ReturnLossDb, double FilterErleDb, double CancellerErleDb, double Coherence, double Confidence, double DriftPpm);
