using System.Numerics;
using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Engine.Echo.Adaptive;

/// <summary>
/// Learns the way from the loudspeaker to the microphone and predicts its echo: a Kalman filter in the frequency domain, in
/// partitions (Enzner and Vary; Kuech and others). It steps less the louder what it cannot explain, so that a user who speaks
/// over the reply hardly disturbs it. Per-frame work on 10 ms frames at 16 kHz: no allocation.
/// </summary>
internal sealed class EchoFilter
{
    /// <summary>Samples of a frame.</summary>
    public const int Frame = 160;

    /// <summary>The path it can learn, device delay included, in samples: 800 ms.</summary>
    public const int Length = Partitions * Taps;

    /// <summary>Stretches of 20 ms that the path is cut into.</summary>
    public const int Partitions = 40;

    private const int Size = 512, Bins = Size / 2;

    /// <summary>Samples of a partition, two frames: as much as comes out of a transform of 512 without wrap-around.</summary>
    public const int Taps = 2 * Frame;

    private const int Spectra = 2 * Partitions, Silence = Spectra + 4;

    // How much of the path is believed to be the same one frame later.
    private const float Keep = 0.9995f;
    private const float Hop = (float)Frame / Size;

    // What lies so far before the strongest echo, in samples, and is this much weaker, is no echo but what was learnt wrong.
    private const int Spread = 48;
    private const float NoEcho = 0.25f;

    private const float StartCovariance = 0.1f, Smoothing = 0.9f, Floor = 1e-6f, Own = 0.2f;

    private readonly Fft _fft = new(Size);
    private readonly float[][] _inputRe = Rows(Spectra), _inputIm = Rows(Spectra);
    private readonly float[][] _weightRe = Rows(Partitions), _weightIm = Rows(Partitions), _covariance = Rows(Partitions);
    private readonly float[] _recent = new float[Size + Taps], _re = new float[Size], _im = new float[Size];
    private readonly float[] _errorRe = new float[Size], _errorIm = new float[Size];
    private readonly float[] _nearPower = new float[Size], _step = new float[Size];
    private int _newest;
    private int _constrained;
    private int _silentFrames;

    public EchoFilter() => Reset();

    /// <summary>Energy of each 20 ms of the learnt path, from the loudspeaker's sample on.</summary>
    public float[] PathEnergy { get; } = new float[Partitions];

    /// <summary>The strongest sample of each of these 20 ms, from the loudspeaker's sample on.</summary>
    public int[] PathPeak { get; } = new int[Partitions];

    /// <summary>Forgets the path, after a jump of the clock or a change of device.</summary>
    public void Reset()
    {
        foreach (var rows in new[] { _inputRe, _inputIm, _weightRe, _weightIm })
            Array.ForEach(rows, Array.Clear);
        foreach (var row in _covariance)
            Array.Fill(row, StartCovariance);
        Array.Clear(_recent);
        Array.Fill(_nearPower, Floor);
        Array.Clear(PathEnergy);
        Array.Clear(PathPeak);
    }

    /// <summary>The path is as it was, but not as sure: it is learnt on as quickly as at the start.</summary>
    public void Doubt()
    {
        foreach (var row in _covariance)
            TensorPrimitives.Max(row, StartCovariance, row);
    }

    /// <summary>
    /// From the next frame on the reference is held back by <see cref="Taps"/> samples and the path is shorter by as much.
    /// Nothing of it is forgotten.
    /// </summary>
    /// <returns>False, and nothing happens, when there is echo in that first part of the path.</returns>
    public bool TryShorten()
    {
        var strongest = TensorPrimitives.IndexOfMax<float>(PathEnergy);
        if (PathPeak[strongest] < Taps + Spread || PathEnergy[0] > NoEcho * PathEnergy[strongest])
            return false;
        foreach (var rows in new[] { _weightRe, _weightIm, _covariance })
        {
            var first = rows[0];
            Array.Copy(rows, 1, rows, 0, Partitions - 1);
            rows[^1] = first;
        }

        Array.Clear(_weightRe[^1]);
        Array.Clear(_weightIm[^1]);
        Array.Fill(_covariance[^1], StartCovariance);
        Array.Copy(PathEnergy, 1, PathEnergy, 0, Partitions - 1);
        for (var part = 0; part < Partitions - 1; part++)
            PathPeak[part] = PathPeak[part + 1] - Taps;
        // The two newest frames will come again.
        _newest = (_newest + 2) % Spectra;
        _recent.AsSpan(0, Size).CopyTo(_recent.AsSpan(Taps));
        return true;
    }

    /// <param name="captured">Microphone.</param>
    /// <param name="rendered">Loudspeaker, in the same interval.</param>
    /// <param name="echo">Receives the echo as predicted.</param>
    /// <param name="left">Receives the microphone without it.</param>
    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, Span<float> echo, Span<float> left)
    {
        _silentFrames = rendered.IndexOfAnyExcept(0f) < 0 ? Math.Min(_silentFrames + 1, Silence) : 0;
        if (_silentFrames == Silence)
        {
            // The last sound has passed the whole path: there is no echo, and nothing to learn.
            echo.Clear();
            captured.CopyTo(left);
            return;
        }

        _recent.AsSpan(Frame).CopyTo(_recent);
        rendered.CopyTo(_recent.AsSpan(_recent.Length - Frame));
        _newest = (_newest + Spectra - 1) % Spectra;
        _recent.AsSpan(Taps).CopyTo(_inputRe[_newest]);
        Array.Clear(_inputIm[_newest]);
        _fft.Transform(_inputRe[_newest], _inputIm[_newest]);

        Array.Clear(_re);
        Array.Clear(_im);
        for (var part = 0; part < Partitions; part++)
            MultiplyAdd(part);
        _re[Bins] = _im[0] = 0;
        _fft.InverseReal(_re, _im);
        _re.AsSpan(Size - Frame).CopyTo(echo);
        TensorPrimitives.Subtract(captured, echo, left);

        Array.Clear(_errorRe);
        Array.Clear(_errorIm);
        left.CopyTo(_errorRe.AsSpan(Size - Frame));
        _fft.Transform(_errorRe, _errorIm);
        Learn();
        // The update bends partitions beyond their ends; each is straightened in its turn.
        Constrain(_constrained);
        Constrain((_constrained + Partitions / 2) % Partitions);
        _constrained = (_constrained + 1) % (Partitions / 2);
    }

    private int Slot(int part) => (_newest + 2 * part) % Spectra;

    private void MultiplyAdd(int part)
    {
        var (aRe, aIm, bRe, bIm) = (_inputRe[Slot(part)], _inputIm[Slot(part)], _weightRe[part], _weightIm[part]);
        for (var i = 0; i < Bins; i += Vector<float>.Count)
        {
            var (ar, ai, br, bi) = (new Vector<float>(aRe, i), new Vector<float>(aIm, i), new Vector<float>(bRe, i), new Vector<float>(bIm, i));
            (new Vector<float>(_re, i) + ar * br - ai * bi).CopyTo(_re, i);
            (new Vector<float>(_im, i) + ar * bi + ai * br).CopyTo(_im, i);
        }
    }

    private void Learn()
    {
        var width = Vector<float>.Count;
        for (var i = 0; i < Bins; i += width)
        {
            var (er, ei) = (new Vector<float>(_errorRe, i), new Vector<float>(_errorIm, i));
            var expected = Vector<float>.Zero;
            for (var part = 0; part < Partitions; part++)
            {
                var slot = Slot(part);
                var (xr, xi) = (new Vector<float>(_inputRe[slot], i), new Vector<float>(_inputIm[slot], i));
                expected += new Vector<float>(_covariance[part], i) * (xr * xr + xi * xi);
            }

            // Only what the path's own uncertainty does not explain is somebody else's.
            var error = er * er + ei * ei;
            var others = Vector.Max(error - Hop * expected, Own * error);
            var near = Smoothing * new Vector<float>(_nearPower, i) + (1 - Smoothing) * others;
            near.CopyTo(_nearPower, i);
            var sum = near / Hop + expected + new Vector<float>(Floor);
            (Vector<float>.One / sum).CopyTo(_step, i);
        }

        for (var part = 0; part < Partitions; part++)
        {
            var slot = Slot(part);
            var (inRe, inIm, wRe, wIm, covariance) = (_inputRe[slot], _inputIm[slot], _weightRe[part], _weightIm[part], _covariance[part]);
            for (var i = 0; i < Bins; i += width)
            {
                var (xr, xi, p) = (new Vector<float>(inRe, i), new Vector<float>(inIm, i), new Vector<float>(covariance, i));
                var (er, ei) = (new Vector<float>(_errorRe, i), new Vector<float>(_errorIm, i));
                var gain = p * new Vector<float>(_step, i);
                var wr = Keep * (new Vector<float>(wRe, i) + gain * (xr * er + xi * ei));
                var wi = Keep * (new Vector<float>(wIm, i) + gain * (xr * ei - xi * er));
                wr.CopyTo(wRe, i);
                wi.CopyTo(wIm, i);
                (Keep * Keep * p * (Vector<float>.One - Hop * gain * (xr * xr + xi * xi)) + (1 - Keep * Keep) * (wr * wr + wi * wi)).CopyTo(covariance, i);
            }
        }
    }

    private void Constrain(int part)
    {
        _weightRe[part].AsSpan(0, Bins).CopyTo(_re);
        _weightIm[part].AsSpan(0, Bins).CopyTo(_im);
        _re[Bins] = _im[Bins] = _im[0] = 0;
        _fft.InverseReal(_re, _im);
        PathEnergy[part] = TensorPrimitives.SumOfSquares(_re.AsSpan(0, Taps));
        PathPeak[part] = part * Taps + TensorPrimitives.IndexOfMaxMagnitude<float>(_re.AsSpan(0, Taps));
        _re.AsSpan(Taps).Clear();
        Array.Clear(_im);
        _fft.Transform(_re, _im);
        _re.AsSpan(0, Bins).CopyTo(_weightRe[part]);
        _im.AsSpan(0, Bins).CopyTo(_weightIm[part]);
    }

    private static float[][] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => new float[Size])];
}
