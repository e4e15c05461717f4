using System.Numerics;

namespace VoiceConsole.Engine.Audio;

/// <summary>Fourier transforms of one size, a power of two, in place. Nothing is allocated after construction.</summary>
internal sealed class Fft
{
    private readonly int _size;
    // For each half, from its own index on, its twiddle factors in a row.
    private readonly float[] _cos, _sin, _stageCos, _stageSin;
    private readonly int[] _reversed;

    public Fft(int size)
    {
        _size = size;
        (_cos, _sin, _reversed) = (new float[size / 2], new float[size / 2], new int[size]);
        for (var i = 0; i < size / 2; i++)
            (_cos[i], _sin[i]) = ((float)Math.Cos(2 * Math.PI * i / size), (float)-Math.Sin(2 * Math.PI * i / size));
        (_stageCos, _stageSin) = (new float[size], new float[size]);
        for (var half = 1; half < size; half *= 2)
        {
            for (var k = 0; k < half; k++)
                (_stageCos[half + k], _stageSin[half + k]) = (_cos[k * (size / (2 * half))], _sin[k * (size / (2 * half))]);
        }

        for (var i = 1; i < size; i++)
            _reversed[i] = (_reversed[i / 2] / 2) | ((i & 1) * size / 2);
    }

    /// <summary>The forward transform; with real and imaginary parts exchanged it is the inverse, times the size.</summary>
    public void Transform(Span<float> re, Span<float> im)
    {
        for (var i = 0; i < _size; i++)
        {
            var j = _reversed[i];
            if (j <= i)
                continue;
            (re[i], re[j]) = (re[j], re[i]);
            (im[i], im[j]) = (im[j], im[i]);
        }

        var scalar = Math.Min(Vector<float>.Count, _size);
        for (var half = 1; half < scalar; half *= 2)
        {
            var step = _size / (2 * half);
            for (var start = 0; start < _size; start += 2 * half)
            {
                for (var k = 0; k < half; k++)
                {
                    var (a, b) = (start + k, start + k + half);
                    var (c, s) = (_cos[k * step], _sin[k * step]);
                    var (xr, xi) = (re[b] * c - im[b] * s, re[b] * s + im[b] * c);
                    (re[b], im[b]) = (re[a] - xr, im[a] - xi);
                    (re[a], im[a]) = (re[a] + xr, im[a] + xi);
                }
            }
        }

        for (var half = scalar; half < _size; half *= 2)
        {
            for (var start = 0; start < _size; start += 2 * half)
                Butterflies(re.Slice(start, half), im.Slice(start, half), re.Slice(start + half, half), im.Slice(start + half, half), _stageCos.AsSpan(half, half), _stageSin.AsSpan(half, half));
        }
    }

    private static void Butterflies(Span<float> aRe, Span<float> aIm, Span<float> bRe, Span<float> bIm, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        for (var k = 0; k < aRe.Length; k += Vector<float>.Count)
        {
            var (c, s) = (new Vector<float>(cos[k..]), new Vector<float>(sin[k..]));
            var (ar, ai, br, bi) = (new Vector<float>(aRe[k..]), new Vector<float>(aIm[k..]), new Vector<float>(bRe[k..]), new Vector<float>(bIm[k..]));
            var (xr, xi) = (br * c - bi * s, br * s + bi * c);
            (ar - xr).CopyTo(bRe[k..]);
            (ai - xi).CopyTo(bIm[k..]);
            (ar + xr).CopyTo(aRe[k..]);
            (ai + xi).CopyTo(aIm[k..]);
        }
    }

    /// <summary>Back from a spectrum of real sound, of which the lower half is given, to the sound.</summary>
    /// <param name="re">Real parts, 0 to size / 2; receives the sound.</param>
    /// <param name="im">Imaginary parts; destroyed.</param>
    public void InverseReal(Span<float> re, Span<float> im)
    {
        for (var i = 1; i < _size / 2; i++)
            (re[_size - i], im[_size - i]) = (re[i], -im[i]);
        Transform(im, re);
        var scale = 1f / _size;
        for (var i = 0; i < _size; i++)
            re[i] *= scale;
    }
}
