using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
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

    private static readonly int s_width = Vector<float>.Count, s_blocks = Bins / s_width;

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

    // A row of a block is what a vector of bins has in every partition, so that all is read in a row. The reference's spectra lie in
    // a ring of frames for even and one for odd frames, each twice, so that a path's length is in a row from any frame on.
    private readonly Vector<float>[] _inputRe = new Vector<float>[s_blocks * 2 * Spectra], _inputIm = new Vector<float>[s_blocks * 2 * Spectra];
    private readonly Vector<float>[] _weightRe = new Vector<float>[s_blocks * Partitions], _weightIm = new Vector<float>[s_blocks * Partitions];
    private readonly Vector<float>[] _covariance = new Vector<float>[s_blocks * Partitions];
    private readonly Vector<float>[] _nearPower = new Vector<float>[s_blocks], _expected = new Vector<float>[s_blocks];
    private readonly float[] _recent = new float[Size + Taps], _re = new float[Size], _im = new float[Size];
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
        foreach (var vectors in new[] { _inputRe, _inputIm, _weightRe, _weightIm })
            Array.Clear(vectors);
        Array.Fill(_covariance, new Vector<float>(StartCovariance));
        Array.Clear(_recent);
        Array.Fill(_nearPower, new Vector<float>(Floor));
        Array.Clear(PathEnergy);
        Array.Clear(PathPeak);
    }

    /// <summary>The path is as it was, but not as sure: it is learnt on as quickly as at the start.</summary>
    public void Doubt()
    {
        foreach (ref var covariance in _covariance.AsSpan())
            covariance = Vector.Max(covariance, new Vector<float>(StartCovariance));
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
        Shorten(_weightRe, Vector<float>.Zero);
        Shorten(_weightIm, Vector<float>.Zero);
        Shorten(_covariance, new Vector<float>(StartCovariance));
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
        _recent.AsSpan(Taps).CopyTo(_re);
        Array.Clear(_im);
        _fft.Transform(_re, _im);
        Remember(_re, _im);

        Predict();
        _re[Bins] = _im[0] = 0;
        _fft.InverseReal(_re, _im);
        _re.AsSpan(Size - Frame).CopyTo(echo);
        TensorPrimitives.Subtract(captured, echo, left);

        _re.AsSpan(0, Size - Frame).Clear();
        left.CopyTo(_re.AsSpan(Size - Frame));
        Array.Clear(_im);
        _fft.Transform(_re, _im);
        Learn();
        // The update bends partitions beyond their ends; two at a time are straightened in their turn.
        Constrain(_constrained, _constrained + Partitions / 2);
        _constrained = (_constrained + 1) % (Partitions / 2);
    }

    private static void Shorten(Vector<float>[] rows, Vector<float> unknown)
    {
        for (var block = 0; block < s_blocks; block++)
        {
            var row = rows.AsSpan(block * Partitions, Partitions);
            row[1..].CopyTo(row);
            row[^1] = unknown;
        }
    }

    // Where the newest spectrum, or that of so many partitions before, lies in a block.
    private int Input(int block) => (block * 2 + _newest % 2) * Spectra + _newest / 2;

    private void Remember(ReadOnlySpan<float> re, ReadOnlySpan<float> im)
    {
        for (var block = 0; block < s_blocks; block++)
        {
            var at = Input(block);
            _inputRe[at] = _inputRe[at + Partitions] = new Vector<float>(re[(block * s_width)..]);
            _inputIm[at] = _inputIm[at + Partitions] = new Vector<float>(im[(block * s_width)..]);
        }
    }

    // The echo's spectrum, and how far it may be out.
    private void Predict()
    {
        for (var block = 0; block < s_blocks; block++)
        {
            var (at, row) = (Input(block), block * Partitions);
            ReadOnlySpan<Vector<float>> inputRe = _inputRe.AsSpan(at, Partitions), inputIm = _inputIm.AsSpan(at, Partitions);
            ReadOnlySpan<Vector<float>> weightRe = _weightRe.AsSpan(row, Partitions), weightIm = _weightIm.AsSpan(row, Partitions), covariance = _covariance.AsSpan(row, Partitions);
            var (re, im, expected) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
            for (var part = 0; part < inputRe.Length; part++)
            {
                var (xr, xi, wr, wi) = (inputRe[part], inputIm[part], weightRe[part], weightIm[part]);
                re += xr * wr - xi * wi;
                im += xr * wi + xi * wr;
                expected += covariance[part] * (xr * xr + xi * xi);
            }

            re.CopyTo(_re, block * s_width);
            im.CopyTo(_im, block * s_width);
            _expected[block] = expected;
        }
    }

    // From the error's spectrum.
    private void Learn()
    {
        for (var block = 0; block < s_blocks; block++)
        {
            var (er, ei) = (new Vector<float>(_re, block * s_width), new Vector<float>(_im, block * s_width));
            // Only what the path's own uncertainty does not explain is somebody else's.
            var error = er * er + ei * ei;
            var others = Vector.Max(error - Hop * _expected[block], Own * error);
            var near = Smoothing * _nearPower[block] + (1 - Smoothing) * others;
            _nearPower[block] = near;
            var step = Vector<float>.One / (near / Hop + _expected[block] + new Vector<float>(Floor));

            var (at, row) = (Input(block), block * Partitions);
            ReadOnlySpan<Vector<float>> inputRe = _inputRe.AsSpan(at, Partitions), inputIm = _inputIm.AsSpan(at, Partitions);
            Span<Vector<float>> weightRe = _weightRe.AsSpan(row, Partitions), weightIm = _weightIm.AsSpan(row, Partitions), covariance = _covariance.AsSpan(row, Partitions);
            for (var part = 0; part < inputRe.Length; part++)
            {
                var (xr, xi, p) = (inputRe[part], inputIm[part], covariance[part]);
                var gain = p * step;
                var wr = Keep * (weightRe[part] + gain * (xr * er + xi * ei));
                var wi = Keep * (weightIm[part] + gain * (xr * ei - xi * er));
                weightRe[part] = wr;
                weightIm[part] = wi;
                covariance[part] = Keep * Keep * p * (Vector<float>.One - Hop * gain * (xr * xr + xi * xi)) + (1 - Keep * Keep) * (wr * wr + wi * wi);
            }
        }
    }

    // Both at once: in time the one is the real part, the other the imaginary one.
    private void Constrain(int one, int other)
    {
        Span<float> weightRe = MemoryMarshal.Cast<Vector<float>, float>(_weightRe.AsSpan()), weightIm = MemoryMarshal.Cast<Vector<float>, float>(_weightIm.AsSpan());
        for (var bin = 1; bin < Bins; bin++)
        {
            var (a, b) = (Place(bin, one), Place(bin, other));
            var (ar, ai, br, bi) = (weightRe[a], weightIm[a], weightRe[b], weightIm[b]);
            (_re[bin], _im[bin]) = (ar - bi, ai + br);
            (_re[Size - bin], _im[Size - bin]) = (ar + bi, br - ai);
        }

        (_re[0], _im[0]) = (weightRe[Place(0, one)], weightRe[Place(0, other)]);
        _re[Bins] = _im[Bins] = 0;
        _fft.Transform(_im, _re);
        Straighten(one, _re);
        Straighten(other, _im);
        _fft.Transform(_re, _im);
        for (var bin = 0; bin < Bins; bin++)
        {
            var (a, b, mirror) = (Place(bin, one), Place(bin, other), (Size - bin) % Size);
            (weightRe[a], weightIm[a]) = ((_re[bin] + _re[mirror]) / 2, (_im[bin] - _im[mirror]) / 2);
            (weightRe[b], weightIm[b]) = ((_im[bin] + _im[mirror]) / 2, (_re[mirror] - _re[bin]) / 2);
        }
    }

    private void Straighten(int part, Span<float> response)
    {
        response[Taps..].Clear();
        var taps = response[..Taps];
        TensorPrimitives.Multiply(taps, 1f / Size, taps);
        PathEnergy[part] = TensorPrimitives.SumOfSquares<float>(taps);
        PathPeak[part] = part * Taps + TensorPrimitives.IndexOfMaxMagnitude<float>(taps);
    }

    private static int Place(int bin, int part) => (bin / s_width * Partitions + part) * s_width + bin % s_width;
}
