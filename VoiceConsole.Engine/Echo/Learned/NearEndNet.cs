using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Echo.Learned;

/// <summary>
/// Two hidden layers that judge <see cref="NearEndSigns"/>: how likely it is that somebody speaks over the reply. The weights
/// come from simulated rooms, by <c>echo learn</c>. Allocates nothing for a judgement.
/// </summary>
internal sealed class NearEndNet
{
    /// <summary>Widths of the layers, inputs and the one output included.</summary>
    public static readonly IReadOnlyList<int> Widths = [NearEndSigns.Inputs, 32, 16, 1];

    private static readonly Lazy<float[]> s_embedded = new(ReadEmbedded);

    private readonly float[] _weights;
    private readonly float[][] _layers = [.. Widths.Skip(1).Select(w => new float[w])];

    /// <param name="weights">Layer by layer: for each unit its weights and then its bias.</param>
    /// <exception cref="ArgumentException">There are too few or too many.</exception>
    public NearEndNet(float[] weights)
    {
        if (weights.Length != WeightCount)
            throw new ArgumentException($"{weights.Length} weights; {WeightCount} are wanted.", nameof(weights));
        _weights = weights;
    }

    /// <summary>Of all layers.</summary>
    public static int WeightCount => Enumerable.Range(1, Widths.Count - 1).Sum(i => Widths[i] * (Widths[i - 1] + 1));

    /// <summary>With the weights that the console brings along.</summary>
    public static NearEndNet Embedded() => new(s_embedded.Value);

    /// <returns>Log of the odds: 0 where a user is as likely as not.</returns>
    public float Judge(ReadOnlySpan<float> inputs)
    {
        ReadOnlySpan<float> weights = _weights;
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            var units = _layers[layer];
            for (var unit = 0; unit < units.Length; unit++)
            {
                var sum = TensorPrimitives.Dot(inputs, weights[..inputs.Length]) + weights[inputs.Length];
                units[unit] = layer + 1 < _layers.Length ? Math.Max(0, sum) : sum;
                weights = weights[(inputs.Length + 1)..];
            }

            inputs = units;
        }

        return inputs[0];
    }

    private static float[] ReadEmbedded()
    {
        using var stream = typeof(NearEndNet).Assembly.GetManifestResourceStream("echo/near-end.f32")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }
}
