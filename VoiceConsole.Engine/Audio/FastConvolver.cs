namespace VoiceConsole.Engine.Audio;

/// <summary>
/// Convolves a stream with a long impulse response, block by block without added delay, by partitioned FFT (overlap-save).
/// Nothing is allocated after construction.
/// </summary>
internal sealed class FastConvolver
{
    private readonly int _block, _size;
    private readonly Fft _fft;
    private readonly float[][] _filterRe, _filterIm, _inputRe, _inputIm;
    private readonly float[] _re, _im, _recent;
    private int _newest;
    private int _silentBlocks;

    /// <param name="response">The impulse response; at least one sample.</param>
    /// <param name="block">Samples of every <see cref="Process"/>.</param>
    public FastConvolver(ReadOnlySpan<float> response, int block)
    {
        _block = block;
        _size = 1;
        while (_size < 2 * block)
            _size *= 2;
        _fft = new Fft(_size);
        var parts = Math.Max(1, (response.Length + block - 1) / block);
        (_filterRe, _filterIm, _inputRe, _inputIm) = (Rows(parts), Rows(parts), Rows(parts), Rows(parts));
        Load(response);
        (_re, _im, _recent) = (new float[_size], new float[_size], new float[_size]);
    }

    /// <summary>Another response of the same length takes over; what has gone in sounds through it as well.</summary>
    public void Replace(ReadOnlySpan<float> response)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(response.Length, _filterRe.Length * _block);
        foreach (var rows in new[] { _filterRe, _filterIm })
            Array.ForEach(rows, Array.Clear);
        Load(response);
    }

    private void Load(ReadOnlySpan<float> response)
    {
        for (var part = 0; part * _block < response.Length; part++)
        {
            var piece = response.Slice(part * _block, Math.Min(_block, response.Length - part * _block));
            piece.CopyTo(_filterRe[part]);
            _fft.Transform(_filterRe[part], _filterIm[part]);
        }
    }

    /// <summary>One block in, one block out.</summary>
    public void Process(ReadOnlySpan<float> input, Span<float> output)
    {
        _silentBlocks = input.IndexOfAnyExcept(0f) < 0 ? Math.Min(_silentBlocks + 1, int.MaxValue - 1) : 0;
        if (_silentBlocks > _filterRe.Length + _size / _block)
        {
            // The last sound has passed the whole response; every part holds silence.
            output.Clear();
            return;
        }

        // The window ends with the new block, so that its last samples come out without wrap-around.
        _recent.AsSpan(_block).CopyTo(_recent);
        input.CopyTo(_recent.AsSpan(_size - _block));
        _newest = (_newest + _inputRe.Length - 1) % _inputRe.Length;
        _recent.CopyTo(_inputRe[_newest], 0);
        _inputIm[_newest].AsSpan().Clear();
        _fft.Transform(_inputRe[_newest], _inputIm[_newest]);
        _re.AsSpan().Clear();
        _im.AsSpan().Clear();
        for (var part = 0; part < _filterRe.Length; part++)
        {
            var slot = (_newest + part) % _inputRe.Length;
            MultiplyAdd(_inputRe[slot], _inputIm[slot], _filterRe[part], _filterIm[part]);
        }

        _fft.InverseReal(_re, _im);
        _re.AsSpan(_size - _block, _block).CopyTo(output);
    }

    private void MultiplyAdd(float[] aRe, float[] aIm, float[] bRe, float[] bIm)
    {
        var width = System.Numerics.Vector<float>.Count;
        var half = _size / 2;
        _re[half] += aRe[half] * bRe[half] - aIm[half] * bIm[half];
        _im[half] += aRe[half] * bIm[half] + aIm[half] * bRe[half];
        for (var i = 0; i < half; i += width)
        {
            var (ar, ai) = (new System.Numerics.Vector<float>(aRe, i), new System.Numerics.Vector<float>(aIm, i));
            var (br, bi) = (new System.Numerics.Vector<float>(bRe, i), new System.Numerics.Vector<float>(bIm, i));
            (new System.Numerics.Vector<float>(_re, i) + ar * br - ai * bi).CopyTo(_re, i);
            (new System.Numerics.Vector<float>(_im, i) + ar * bi + ai * br).CopyTo(_im, i);
        }
    }

    private float[][] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => new float[_size])];
}
