namespace VoiceConsole.Engine.Audio;

/// <summary>Fourier transforms of one size, a power of two, in place. Nothing is allocated after construction.</summary>
internal sealed class Fft
{
    private readonly int _size;
    private readonly float[] _cos, _sin;
    private readonly int[] _reversed;

    public Fft(int size)
    {
        _size = size;
        (_cos, _sin, _reversed) = (new float[size / 2], new float[size / 2], new int[size]);
        for (var i = 0; i < size / 2; i++)
            (_cos[i], _sin[i]) = ((float)Math.Cos(2 * Math.PI * i / size), (float)-Math.Sin(2 * Math.PI * i / size));
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

        for (var half = 1; half < _size; half *= 2)
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
