using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Engine.Echo.Adaptive;

/// <summary>
/// Measures whether loudspeaker and microphone run on two clocks: the echo then comes later and later, or sooner and sooner.
/// The response between the two is measured again and again, and the phases of one measurement held against those of the last.
/// Per-frame work on 10 ms frames at 16 kHz: no allocation.
/// </summary>
internal sealed class ClockDrift
{
    /// <summary>Clocks are never further apart than this, samples per sample.</summary>
    public const double Most = 500e-6;

    private const int Size = 4096, Hop = 6 * EchoFilter.Frame;

    // Of the spectrum what speech fills: 200 Hz to 4 kHz. A phase against the one so many bins higher gives the delay.
    private const int Lowest = 51, Highest = 1024, Step = 16;

    // Spectra of a measurement, and samples that may lie between two of them.
    private const int Spectra = 12;
    private const long Oldest = 20 * 16_000;

    // The echo lies this far into the segment that is compared.
    private const int Lead = 256, Longest = EchoFilter.Partitions * 2 * EchoFilter.Frame;

    private const float Audible = 1e-6f;

    // Two measurements of one path are alike; those of two paths tell nothing of clocks.
    private const double Alike = 0.5;

    // Before anything is believed it must be seen twice in a row, and be more than the estimate's own unrest.
    private const double Least = 15e-6;

    // Of so many measurements the rate is the mean, near enough.
    private const int Remembered = 8;

    private readonly Fft _fft = new(Size);
    private readonly float[] _window = new float[Size], _captured = new float[Size], _reference = new float[Size + Longest];
    private readonly float[] _re = new float[Size], _im = new float[Size];
    private readonly float[] _crossRe = new float[Highest + 1], _crossIm = new float[Highest + 1], _captures = new float[Highest + 1], _references = new float[Highest + 1];
    private readonly float[] _nowRe = new float[Highest + 1], _nowIm = new float[Highest + 1], _lastRe = new float[Highest + 1], _lastIm = new float[Highest + 1];
    private long _position, _lastCentre, _centres;
    private int _sinceHop, _spectra, _delay, _measured;
    private bool _hasLast;
    private double _before;

    public ClockDrift()
    {
        for (var i = 0; i < Size; i++)
            _window[i] = (float)(0.5 - 0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / Size));
    }

    /// <summary>By how much the microphone's clock runs faster than the loudspeaker's, samples per sample; 0 until it is known.</summary>
    public double Rate { get; private set; }

    /// <param name="captured">Microphone.</param>
    /// <param name="reference">Loudspeaker, held back by <see cref="Rate"/> as far as known.</param>
    /// <param name="delay">Samples from it to its strongest echo.</param>
    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> reference, int delay)
    {
        Push(_captured, captured);
        Push(_reference, reference);
        _position += captured.Length;
        if ((_sinceHop += captured.Length) < Hop)
            return;
        _sinceHop = 0;
        if (Math.Abs(delay - _delay) > Lead)
        {
            // Another path: what was measured on the old one is of no use.
            _delay = delay;
            Jump();
        }

        var heard = _reference.AsSpan(Math.Min(Longest, Longest - _delay + Lead), Size);
        if (TensorPrimitives.SumOfSquares<float>(heard) / Size < Audible)
            return;
        AddSpectrum(heard);
        if (++_spectra < Spectra)
            return;
        Compare(_centres / Spectra);
        Clear();
    }

    /// <summary>The path jumps, on the same clocks.</summary>
    public void Jump()
    {
        // The old reference must have left the segment.
        _sinceHop = -Size - _delay;
        _hasLast = false;
        Clear();
    }

    /// <summary>Forgets all.</summary>
    public void Reset()
    {
        Jump();
        Array.Clear(_captured);
        Array.Clear(_reference);
        (Rate, _before) = (0, 0);
    }

    private static void Push(float[] history, ReadOnlySpan<float> samples)
    {
        history.AsSpan(samples.Length).CopyTo(history);
        samples.CopyTo(history.AsSpan(history.Length - samples.Length));
    }

    private void Clear()
    {
        Array.Clear(_crossRe);
        Array.Clear(_crossIm);
        Array.Clear(_captures);
        Array.Clear(_references);
        (_spectra, _centres) = (0, 0);
    }

    // One transform for both sounds: the one as real, the other as imaginary part.
    private void AddSpectrum(ReadOnlySpan<float> reference)
    {
        TensorPrimitives.Multiply(reference, _window, _re);
        TensorPrimitives.Multiply(_captured, _window, _im);
        _fft.Transform(_re, _im);
        for (var bin = Lowest; bin <= Highest; bin++)
        {
            var mirror = Size - bin;
            var (rRe, rIm) = (_re[bin] + _re[mirror], _im[bin] - _im[mirror]);
            var (cRe, cIm) = (_im[bin] + _im[mirror], _re[mirror] - _re[bin]);
            _crossRe[bin] += cRe * rRe + cIm * rIm;
            _crossIm[bin] += cIm * rRe - cRe * rIm;
            _captures[bin] += cRe * cRe + cIm * cIm;
            _references[bin] += rRe * rRe + rIm * rIm;
        }

        _centres += _position;
    }

    private void Compare(long centre)
    {
        // Only the phase counts, by how well the one sound explains the other there.
        for (var bin = Lowest; bin <= Highest; bin++)
        {
            var scale = 1 / MathF.Sqrt(_captures[bin] * _references[bin] + 1e-12f);
            (_nowRe[bin], _nowIm[bin]) = (_crossRe[bin] * scale, _crossIm[bin] * scale);
        }

        var age = centre - _lastCentre;
        if (_hasLast && age <= Oldest && TryMeasure(age, out var moved))
            Follow(moved / age);
        else
            _before = 0;
        _nowRe.CopyTo(_lastRe, 0);
        _nowIm.CopyTo(_lastIm, 0);
        (_hasLast, _lastCentre) = (true, centre);
    }

    // Samples by which the echo is later than it was.
    private bool TryMeasure(long age, out double moved)
    {
        for (var bin = Lowest; bin <= Highest; bin++)
        {
            var (ar, ai, br, bi) = (_nowRe[bin], _nowIm[bin], _lastRe[bin], _lastIm[bin]);
            (_re[bin], _im[bin]) = (ar * br + ai * bi, ai * br - ar * bi);
        }

        double stepRe = 0, stepIm = 0;
        for (var bin = Lowest; bin <= Highest - Step; bin++)
        {
            stepRe += _re[bin + Step] * _re[bin] + _im[bin + Step] * _im[bin];
            stepIm += _im[bin + Step] * _re[bin] - _re[bin + Step] * _im[bin];
        }

        // A first guess from bin to bin, bettered by all phases against their own frequency.
        var turn = Math.Atan2(stepIm, stepRe) / Step;
        double slope = 0, weight = 1e-12, together = 0, all = 1e-12;
        for (var bin = Lowest; bin <= Highest; bin++)
        {
            var (sin, cos) = Math.SinCos(-turn * bin);
            var (re, im) = (_re[bin] * cos - _im[bin] * sin, _re[bin] * sin + _im[bin] * cos);
            var size = Math.Sqrt(re * re + im * im);
            slope += size * bin * Math.Atan2(im, re);
            weight += size * bin * bin;
            together += re;
            all += size;
        }

        moved = -(turn + slope / weight) * Size / (2 * Math.PI);
        return together / all > Alike && Math.Abs(moved) < 2 * Most * age;
    }

    private void Follow(double rate)
    {
        if (Rate != 0)
        {
            _measured = Math.Min(_measured + 1, Remembered);
            Rate = Math.Clamp(Rate + rate / _measured, -Most, Most);
        }
        else if (Math.Abs(rate) > Least && Math.Abs(_before) > Least && Math.Sign(rate) == Math.Sign(_before))
        {
            (Rate, _measured) = ((rate + _before) / 2, 2);
        }

        _before = rate;
    }
}
