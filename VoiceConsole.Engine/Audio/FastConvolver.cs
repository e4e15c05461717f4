namespace VoiceConsole.Engine.Audio;

/// <summary>
/// Convolves a stream with a long impulse response, block by block without added delay, by partitioned FFT (overlap-save).
/// Nothing is allocated after construction.
/// </summary>
internal sealed class FastConvolver
{
    private readonly int _block, _size;
    private readonly float[] _cos, _sin;
    private readonly int[] _reversed;
    private readonly float[][] _filterRe, _filterIm, _inputRe, _inputIm;
    private readonly float[] _re, _im, _recent;
    private int _newest;

    /// <param name="response">The impulse response; at least one sample.</param>
    /// <param name="block">Samples of every <see cref="Process"/>.</param>
    public FastConvolver(ReadOnlySpan<float> response, int block)
    {
        _block = block;
        _size = 1;
        while (_size < 2 * block)
            _size *= 2;
        (_cos, _sin, _reversed) = (new float[_size / 2], new float[_size / 2], new int[_size]);
        for (var i = 0; i < _size / 2; i++)
            (_cos[i], _sin[i]) = ((float)Math.Cos(2 * Math.PI * i / _size), (float)-Math.Sin(2 * Math.PI * i / _size));
        for (var i = 1; i < _size; i++)
            _reversed[i] = (_reversed[i / 2] / 2) | ((i & 1) * _size / 2);
        var parts = Math.Max(1, (response.Length + block - 1) / block);
        (_filterRe, _filterIm, _inputRe, _inputIm) = (Rows(parts), Rows(parts), Rows(parts), Rows(parts));
        for (var part = 0; part < parts; part++)
        {
            var piece = response.Slice(part * block, Math.Min(block, response.Length - part * block));
            piece.CopyTo(_filterRe[part]);
            Transform(_filterRe[part], _filterIm[part]);
        }

        (_re, _im, _recent) = (new float[_size], new float[_size], new float[_size]);
    }

    /// <summary>One block in, one block out.</summary>
    public void Process(ReadOnlySpan<float> input, Span<float> output)
    {
        // The window ends with the new block, so that its last samples come out without wrap-around.
        _recent.AsSpan(_block).CopyTo(_recent);
        input.CopyTo(_recent.AsSpan(_size - _block));
        _newest = (_newest + _inputRe.Length - 1) % _inputRe.Length;
        _recent.CopyTo(_inputRe[_newest], 0);
        _inputIm[_newest].AsSpan().Clear();
        Transform(_inputRe[_newest], _inputIm[_newest]);
        _re.AsSpan().Clear();
        _im.AsSpan().Clear();
        for (var part = 0; part < _filterRe.Length; part++)
        {
            var slot = (_newest + part) % _inputRe.Length;
            MultiplyAdd(_inputRe[slot], _inputIm[slot], _filterRe[part], _filterIm[part]);
        }

        // The inverse by the forward transform with real and imaginary parts exchanged.
        Transform(_im, _re);
        var scale = 1f / _size;
        for (var i = 0; i < _block; i++)
            output[i] = _re[_size - _block + i] * scale;
    }

    private void MultiplyAdd(float[] aRe, float[] aIm, float[] bRe, float[] bIm)
    {
        var width = System.Numerics.Vector<float>.Count;
        for (var i = 0; i < _size; i += width)
        {
            var (ar, ai) = (new System.Numerics.Vector<float>(aRe, i), new System.Numerics.Vector<float>(aIm, i));
            var (br, bi) = (new System.Numerics.Vector<float>(bRe, i), new System.Numerics.Vector<float>(bIm, i));
            (new System.Numerics.Vector<float>(_re, i) + ar * br - ai * bi).CopyTo(_re, i);
            (new System.Numerics.Vector<float>(_im, i) + ar * bi + ai * br).CopyTo(_im, i);
        }
    }

    private void Transform(float[] re, float[] im)
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

    private float[][] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => new float[_size])];
}
