namespace VoiceConsole.Engine.Audio;

/// <summary>
/// Changes the sample rate of a stream by a band-limited (Kaiser-windowed sinc) polyphase filter. Exact ratio, no drift; the
/// output is the same however the input is cut into pieces, and aligned with it: output n belongs to input n·from/to, and
/// comes once half a filter more of input is there. Nothing is allocated after construction.
/// </summary>
public sealed class Resampler
{
    private const int ZeroCrossings = 24;
    private const double Beta = 9.0;
    private readonly int _up;
    private readonly int _down;
    private readonly int _taps;
    private readonly float[] _phases;
    private readonly float[] _history;
    private int _held;
    private long _phase;

    /// <param name="from">Samples per second that come in, 1,000 to 768,000.</param>
    /// <param name="to">Samples per second that go out, same range.</param>
    public Resampler(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, 768_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, 1000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, 768_000);
        var divisor = Gcd(from, to);
        _up = to / divisor;
        _down = from / divisor;
        // Going down, the filter's edge lies below the new half rate, so it gets as much longer.
        var stretch = Math.Max(1.0, (double)from / to);
        var half = (int)Math.Ceiling(ZeroCrossings * stretch);
        _taps = 2 * half;
        _phases = new float[_up * _taps];
        var cutoff = 0.95 / stretch;
        for (var phase = 0; phase < _up; phase++)
        {
            var sum = 0.0;
            var row = _phases.AsSpan(phase * _taps, _taps);
            for (var tap = 0; tap < _taps; tap++)
            {
                // Distance from the output's place, in input samples.
                var x = tap - half + 1 - (double)phase / _up;
                var value = cutoff * Sinc(cutoff * x) * Kaiser(x / half);
                row[tap] = (float)value;
                sum += value;
            }

            for (var tap = 0; tap < _taps; tap++)
                row[tap] = (float)(row[tap] / sum);
        }

        _history = new float[_taps + 4096];
        Reset();
    }

    /// <summary>Input samples that must follow an output's place before it comes.</summary>
    public int LookAhead => _taps / 2;

    /// <summary>How many more input samples are needed for so many more outputs.</summary>
    public int InputFor(int outputs) => (int)Math.Max(0, (_phase + (outputs - 1L) * _down) / _up + _taps - _held);

    /// <summary>Upper bound of what <see cref="Process"/> gives for so many input samples.</summary>
    public int MaxOutput(int inputSamples) => (int)(((long)inputSamples * _up + _down - 1) / _down) + 1;

    /// <summary>Takes all of the input and gives what is ready and fits; the rest comes with the next call. Returns the samples written.</summary>
    /// <param name="input">Any number of samples.</param>
    /// <param name="output">At least <see cref="MaxOutput"/> long, or as long as <see cref="InputFor"/> was asked for.</param>
    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        var written = 0;
        do
        {
            var taken = Math.Min(input.Length, _history.Length - _held);
            if (taken == 0 && !input.IsEmpty)
                throw new ArgumentException($"{output.Length} samples are too few for what comes of the input.", nameof(output));
            input[..taken].CopyTo(_history.AsSpan(_held));
            input = input[taken..];
            _held += taken;
            var at = 0;
            while (true)
            {
                at = (int)(_phase / _up);
                if (at + _taps > _held || written == output.Length)
                    break;
                var row = _phases.AsSpan((int)(_phase % _up) * _taps, _taps);
                output[written++] = System.Numerics.Tensors.TensorPrimitives.Dot(row, _history.AsSpan(at, _taps));
                _phase += _down;
            }

            at = Math.Min(at, _held);
            _history.AsSpan(at, _held - at).CopyTo(_history);
            _held -= at;
            _phase -= (long)at * _up;
        }
        while (!input.IsEmpty);

        return written;
    }

    /// <summary>Forgets what came before.</summary>
    public void Reset()
    {
        // As if silence had come before; the filter's middle stands on the first input sample.
        _held = _taps / 2;
        _history.AsSpan(0, _held).Clear();
        _phase = _up;
    }

    /// <summary>Converts a whole recording; the result is aligned with the input and of proportional length.</summary>
    public static float[] Convert(ReadOnlySpan<float> samples, int from, int to)
    {
        if (from == to || samples.IsEmpty)
            return samples.ToArray();
        var resampler = new Resampler(from, to);
        var length = (int)Math.Round((double)samples.Length * to / from);
        var padding = new float[resampler._taps];
        var output = new float[resampler.MaxOutput(samples.Length) + resampler.MaxOutput(padding.Length)];
        var written = resampler.Process(samples, output);
        written += resampler.Process(padding, output.AsSpan(written));
        return output[..Math.Min(length, written)];
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);

    private static double Sinc(double x) => Math.Abs(x) < 1e-9 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    private static double Kaiser(double x) => Math.Abs(x) >= 1 ? 0 : Bessel(Beta * Math.Sqrt(1 - x * x)) / Bessel(Beta);

    private static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (var k = 1; k < 60 && term > sum * 1e-12; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }
}
