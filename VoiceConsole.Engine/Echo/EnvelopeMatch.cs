using System.Numerics.Tensors;

namespace VoiceConsole.Engine.Echo;

/// <summary>
/// Whether the microphone rises and falls, band by band, as the loudspeaker did a moment before: the sign of an echo that needs
/// no knowledge of its path, and so works in the first seconds and where distortion defeats the filter. Per-frame work on 10 ms
/// frames: no allocation.
/// </summary>
internal sealed class EnvelopeMatch(int sampleRate)
{
    /// <summary>Longest delay of an echo, in frames.</summary>
    public const int Lags = 82;

    // What is compared, in frames: two or three syllables. A row of bands is filled up to whole vectors.
    private const int Window = 40, Row = 16;

    private const float Floor = -65, Slow = 0.06f, Remembered = 0.9f, Known = 0.3f;
    private const int Interval = 8, Around = 2;

    private readonly BandLevels _bands = new(sampleRate);
    private readonly float[] _levels = new float[BandLevels.Count];
    private readonly float[] _captured = new float[Window * Row], _rendered = new float[(Window + Lags) * Row];
    private readonly float[] _capturedMean = Means(), _renderedMean = Means();
    private readonly float[] _now = new float[Lags], _usual = new float[Lags];
    private int _frames;

    /// <summary>Likeness at the echo's delay, −1 to 1; a user has about 0.</summary>
    public float Value { get; private set; }

    /// <param name="captured">Levels of the microphone's bands in this frame.</param>
    /// <param name="rendered">The loudspeaker's frame.</param>
    public void Add(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered)
    {
        _bands.Measure(rendered, _levels);
        Push(_captured, captured, _capturedMean);
        Push(_rendered, _levels, _renderedMean);
        if (++_frames < Interval)
            return;
        _frames = 0;
        Compare();
    }

    public void Reset()
    {
        _bands.Reset();
        Array.Clear(_captured);
        Array.Clear(_rendered);
        Array.Fill(_capturedMean, Floor);
        Array.Fill(_renderedMean, Floor);
        Array.Clear(_usual);
        Value = 0;
    }

    private static float[] Means()
    {
        var means = new float[BandLevels.Count];
        Array.Fill(means, Floor);
        return means;
    }

    // Only rises and falls count, not how loud a band is.
    private static void Push(float[] rows, ReadOnlySpan<float> levels, float[] means)
    {
        rows.AsSpan(Row).CopyTo(rows);
        var row = rows.AsSpan(rows.Length - Row);
        for (var band = 0; band < levels.Length; band++)
        {
            var level = Math.Max(levels[band], Floor);
            means[band] += Slow * (level - means[band]);
            row[band] = level - means[band];
        }
    }

    private void Compare()
    {
        ReadOnlySpan<float> captured = _captured;
        var power = TensorPrimitives.SumOfSquares(captured);
        for (var lag = 0; lag < Lags; lag++)
        {
            ReadOnlySpan<float> rendered = _rendered.AsSpan((Lags - lag) * Row, Window * Row);
            var renderedPower = TensorPrimitives.SumOfSquares(rendered);
            _now[lag] = renderedPower > 1 && power > 1 ? TensorPrimitives.Dot(captured, rendered) / MathF.Sqrt(power * renderedPower) : 0;
            _usual[lag] += (1 - Remembered) * (Math.Max(0, _now[lag]) - _usual[lag]);
        }

        // Before the delay is known any will do.
        var best = TensorPrimitives.IndexOfMax<float>(_usual);
        var (from, to) = _usual[best] > Known ? (Math.Max(0, best - Around), Math.Min(Lags, best + Around + 1)) : (0, Lags);
        Value = TensorPrimitives.Max<float>(_now.AsSpan(from, to - from));
    }
}
