using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Echo.Learned;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>Learns the weights of a <see cref="NearEndNet"/> from examples: cross-entropy, Adam (Kingma and Ba), a step that falls to nothing. The same for the same seed.</summary>
internal sealed class NearEndTraining
{
    private const int Batch = 256;
    private const float Step = 2e-3f, Keep = 0.9f, KeepSquares = 0.999f, Tiny = 1e-8f, Decay = 1e-4f;

    private readonly NearEndExamples _examples;
    private readonly Random _random;
    private readonly float[] _weights = new float[NearEndNet.WeightCount], _gradient, _mean, _square;
    private readonly float[] _average = new float[NearEndSigns.Inputs], _spread = new float[NearEndSigns.Inputs], _input = new float[NearEndSigns.Inputs];
    private readonly float[][] _units = [.. NearEndNet.Widths.Skip(1).Select(w => new float[w])], _errors = [.. NearEndNet.Widths.Skip(1).Select(w => new float[w])];

    public NearEndTraining(NearEndExamples examples, int seed)
    {
        (_examples, _random) = (examples, new Random(seed));
        (_gradient, _mean, _square) = (new float[_weights.Length], new float[_weights.Length], new float[_weights.Length]);
        Measure();
        Begin();
    }

    /// <summary>Goes through all examples so many times.</summary>
    /// <param name="progress">Told of each round's number and loss.</param>
    /// <returns>Weights for inputs as they are.</returns>
    public float[] Run(int rounds, Action<int, double> progress, CancellationToken cancellationToken)
    {
        var order = Enumerable.Range(0, _examples.Speaks.Count).ToArray();
        var steps = rounds * (long)(order.Length / Batch);
        var step = 0L;
        for (var round = 1; round <= rounds; round++)
        {
            _random.Shuffle(order);
            var (loss, weight) = (0.0, 0.0);
            for (var first = 0; first + Batch <= order.Length; first += Batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Array.Clear(_gradient);
                foreach (var example in order.AsSpan(first, Batch))
                {
                    loss += Learn(example);
                    weight += _examples.Weights[example];
                }

                Move(++step, Step * 0.5f * (1 + MathF.Cos(MathF.PI * step / steps)));
            }

            progress(round, loss / weight);
        }

        return Unscaled();
    }

    private void Measure()
    {
        ReadOnlySpan<float> inputs = CollectionsMarshal.AsSpan(_examples.Inputs);
        var (sums, squares) = (new double[_average.Length], new double[_average.Length]);
        for (var at = 0; at < inputs.Length; at++)
        {
            sums[at % sums.Length] += inputs[at];
            squares[at % sums.Length] += (double)inputs[at] * inputs[at];
        }

        var count = _examples.Speaks.Count;
        for (var i = 0; i < sums.Length; i++)
        {
            var average = sums[i] / count;
            (_average[i], _spread[i]) = ((float)average, (float)Math.Sqrt(Math.Max(1e-6, squares[i] / count - average * average)));
        }
    }

    // He's beginning for rectified units.
    private void Begin()
    {
        var at = 0;
        for (var layer = 1; layer < NearEndNet.Widths.Count; layer++)
        {
            var width = NearEndNet.Widths[layer - 1];
            for (var unit = 0; unit < NearEndNet.Widths[layer]; unit++, at++)
            {
                for (var i = 0; i < width; i++, at++)
                    _weights[at] = (float)(Math.Sqrt(2.0 / width) * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));
            }
        }
    }

    private double Learn(int example)
    {
        ReadOnlySpan<float> raw = CollectionsMarshal.AsSpan(_examples.Inputs).Slice(example * _input.Length, _input.Length);
        TensorPrimitives.Subtract(raw, _average, _input);
        TensorPrimitives.Divide(_input, _spread, _input);
        ReadOnlySpan<float> inputs = _input;
        var at = 0;
        for (var layer = 0; layer < _units.Length; layer++)
        {
            var units = _units[layer];
            for (var unit = 0; unit < units.Length; unit++, at += inputs.Length + 1)
            {
                var sum = TensorPrimitives.Dot(inputs, _weights.AsSpan(at, inputs.Length)) + _weights[at + inputs.Length];
                units[unit] = layer + 1 < _units.Length ? Math.Max(0, sum) : 1 / (1 + MathF.Exp(-sum));
            }

            inputs = units;
        }

        var (wanted, weight) = (_examples.Speaks[example] ? 1f : 0f, _examples.Weights[example]);
        var judged = _units[^1][0];
        _errors[^1][0] = weight * (judged - wanted);
        for (var layer = _units.Length - 1; layer >= 0; layer--)
        {
            var below = layer > 0 ? _units[layer - 1] : _input;
            at -= _units[layer].Length * (below.Length + 1);
            if (layer > 0)
                Array.Clear(_errors[layer - 1]);
            for (var unit = 0; unit < _units[layer].Length; unit++)
            {
                var error = _errors[layer][unit];
                if (error == 0)
                    continue;
                var from = at + unit * (below.Length + 1);
                var gradient = _gradient.AsSpan(from, below.Length);
                TensorPrimitives.MultiplyAdd(below, error, gradient, gradient);
                _gradient[from + below.Length] += error;
                if (layer > 0)
                    TensorPrimitives.MultiplyAdd(_weights.AsSpan(from, below.Length), error, _errors[layer - 1], _errors[layer - 1]);
            }

            for (var unit = 0; layer > 0 && unit < below.Length; unit++)
                _errors[layer - 1][unit] = below[unit] > 0 ? _errors[layer - 1][unit] : 0;
        }

        return -weight * Math.Log(Math.Max(1e-7, _examples.Speaks[example] ? judged : 1 - judged));
    }

    private void Move(long step, float rate)
    {
        var (unbias, unbiasSquares) = (1 - MathF.Pow(Keep, step), 1 - MathF.Pow(KeepSquares, step));
        for (var i = 0; i < _weights.Length; i++)
        {
            var gradient = _gradient[i] / Batch;
            _mean[i] = Keep * _mean[i] + (1 - Keep) * gradient;
            _square[i] = KeepSquares * _square[i] + (1 - KeepSquares) * gradient * gradient;
            _weights[i] -= rate * (_mean[i] / unbias / (MathF.Sqrt(_square[i] / unbiasSquares) + Tiny) + Decay * _weights[i]);
        }
    }

    // The inputs' averages and spreads go into the first layer.
    private float[] Unscaled()
    {
        var weights = (float[])_weights.Clone();
        for (var unit = 0; unit < NearEndNet.Widths[1]; unit++)
        {
            var from = unit * (NearEndSigns.Inputs + 1);
            for (var i = 0; i < NearEndSigns.Inputs; i++)
            {
                weights[from + i] /= _spread[i];
                weights[from + NearEndSigns.Inputs] -= weights[from + i] * _average[i];
            }
        }

        return weights;
    }
}
