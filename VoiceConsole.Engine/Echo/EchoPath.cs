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

    // Where the prediction is at least this much of the microphone's power it stands for what is there; a frame counts for so much.
    private const float Explains = 0.5f, Most = 30;

    private float _gain, _captured, _left, _cleaned, _echo, _both;
    private int _frames;

    /// <summary>
    /// Power of the microphone over what the filter leaves of it, 1 and more; 1 before anything is known. Each frame counts alike,
    /// and only those that the echo fills: a user whom nobody has noticed yet makes no good filter a bad one.
    /// </summary>
    public float FilterGain => MathF.Pow(10, _gain / 10);

    /// <summary>Samples from the loudspeaker's sample to its strongest echo, as far as known; 0 and more.</summary>
    public double Delay => Math.Max(0, filter.Filter.PathPeak[TensorPrimitives.IndexOfMax<float>(filter.Filter.PathEnergy)] + filter.ReferenceDelay);

    /// <summary>Takes a frame in which nobody in the room is suspected of speaking.</summary>
    public void Observe()
    {
        ReadOnlySpan<float> captured = filter.Captured, echo = filter.Echo;
        IsAudible = TensorPrimitives.SumOfSquares(echo) / echo.Length >= Audible;
        if (!IsAudible)
            return;
        _frames++;
        float heard = TensorPrimitives.SumOfSquares(captured), left = TensorPrimitives.SumOfSquares(filter.Left), predicted = TensorPrimitives.SumOfSquares(echo);
        if (predicted > Explains * heard)
            Follow(ref _gain, Math.Clamp(10 * MathF.Log10((heard + 1e-9f) / (left + 1e-9f)), 0, Most));
        Follow(ref _captured, heard);
        Follow(ref _left, left);
        Follow(ref _echo, predicted);
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
        var coherence = Math.Clamp(_both * _both / (_captured * _echo + 1e-20f), 0, 1);
        return new EchoPathEstimate(
            Delay * 1000 / sampleRate, -Decibels(TensorPrimitives.Sum<float>(filter.Filter.PathEnergy)), Decibels(_left > 0 ? _captured / _left : 1),
            _cleaned > 0 ? Decibels(_captured / _cleaned) : 0, Math.Round(coherence, 3), Math.Round(coherence * Math.Min(1.0, _frames / (double)Enough), 3), Math.Round(filter.DriftPpm));
    }

    /// <summary>Forgets all.</summary>
    public void Reset() => (_gain, _captured, _left, _cleaned, _echo, _both, _frames, IsAudible) = (0, 0, 0, 0, 0, 0, 0, false);

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
