using System.Numerics.Tensors;
using VoiceConsole.Engine.Echo;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>Reads off a canceller how much of the echo it removes, piece by piece, while nobody else makes a sound.</summary>
internal sealed class EchoMeter(IEchoCanceller canceller, Func<bool> isFarEndAlone) : IEchoCanceller
{
    private const int Block = (int)(BlockSeconds * 100);
    /// <summary>Echo, in seconds, of one figure.</summary>
    public const double BlockSeconds = 0.25;

    private const float Audible = 1e-5f;
    private readonly List<double> _erle = [];
    private double _before, _after;
    private int _frames;

    /// <summary>dB, one figure for each <see cref="BlockSeconds"/> of echo.</summary>
    public IReadOnlyList<double> Erle => _erle;

    public string Id => canceller.Id;

    public int DelaySamples => canceller.DelaySamples;

    public void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, Span<float> cleaned)
    {
        var power = TensorPrimitives.SumOfSquares(captured) / captured.Length;
        canceller.Process(captured, rendered, cleaned);
        if (TensorPrimitives.SumOfSquares(rendered) / rendered.Length < Audible || !isFarEndAlone())
            return;
        _before += power;
        _after += TensorPrimitives.SumOfSquares(cleaned) / cleaned.Length;
        if (++_frames < Block)
            return;
        _erle.Add(10 * Math.Log10((_before + 1e-12) / (_after + 1e-12)));
        (_before, _after, _frames) = (0, 0, 0);
    }

    public void Reset() => canceller.Reset();

    public void Dispose() => canceller.Dispose();
}
