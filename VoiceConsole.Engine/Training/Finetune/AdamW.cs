using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using static VoiceConsole.Engine.Training.Finetune.GgmlNative;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>The optimiser: the gradients of all weights, their running mean and square, and the step that these lead to.</summary>
internal sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.95;
    private const float Epsilon = 1e-8f;

    // The gradient of all weights is shortened to this length: one odd step must not undo what was learnt.
    private const double LongestGradient = 1;

    private const int StepValues = 7;

    private readonly nint _backend;
    private readonly GgmlHandle _data, _nodes;
    private readonly nint _graph, _ofMatrices, _ofNorms;
    private readonly Dictionary<nint, nint> _gradients = [];
    private readonly List<nint> _momenta = [];

    /// <param name="weights">What is changed.</param>
    /// <param name="backend">What computes.</param>
    public AdamW(LlamaWeights weights, nint backend)
    {
        _backend = backend;
        var learnt = weights.Learnt;
        _data = GgmlHandle.ContextWithData((3 * learnt.Count) + 2, (3 * learnt.Sum(Count)) + (2 * StepValues));
        _nodes = GgmlHandle.ContextOfGraph(4 * learnt.Count);
        _graph = Graph(_nodes.Pointer, 4 * (nuint)learnt.Count, 0);
        (_ofMatrices, _ofNorms) = (NewVector(_data.Pointer, F32, StepValues), NewVector(_data.Pointer, F32, StepValues));
        foreach (var tensor in learnt)
        {
            var (gradient, mean, square) = (NewLike(_data.Pointer, tensor), NewLike(_data.Pointer, tensor), NewLike(_data.Pointer, tensor));
            _gradients[tensor] = gradient;
            _momenta.AddRange(mean, square);
            LlamaWeights.Values(mean).Clear();
            LlamaWeights.Values(square).Clear();
            // Only matrices are drawn towards 0.
            Forward(_graph, Step(_nodes.Pointer, tensor, gradient, mean, square, Count(tensor) > weights.Base.Shape.Width ? _ofMatrices : _ofNorms));
        }
    }

    /// <summary>Where the gradient of a weight is put.</summary>
    public nint GradientOf(nint tensor) => _gradients[tensor];

    /// <summary>Changes the weights by what the gradients say.</summary>
    /// <param name="step">Steps taken before.</param>
    /// <returns>The length of the gradient, before it was shortened.</returns>
    public double Change(long step, double rate, double decay)
    {
        var length = Math.Sqrt(_gradients.Values.Sum(g => (double)TensorPrimitives.SumOfSquares<float>(LlamaWeights.Values(g))));
        if (!double.IsFinite(length))
            return length;
        if (length > LongestGradient)
        {
            foreach (var gradient in _gradients.Values)
                TensorPrimitives.Multiply(LlamaWeights.Values(gradient), (float)(LongestGradient / length), LlamaWeights.Values(gradient));
        }

        Span<float> values =
        [
            (float)rate, (float)Beta1, (float)Beta2, Epsilon, (float)decay,
            (float)(1 / (1 - Math.Pow(Beta1, step + 1))), (float)(1 / (1 - Math.Pow(Beta2, step + 1))),
        ];
        values.CopyTo(LlamaWeights.Values(_ofMatrices));
        values[4] = 0;
        values.CopyTo(LlamaWeights.Values(_ofNorms));
        if (Compute(_backend, _graph) != 0)
            throw new InvalidOperationException("ggml could not change the weights.");
        return length;
    }

    /// <summary>Writes the momenta, as one value after another; the file appears whole or not at all.</summary>
    public void Save(string file)
    {
        var partial = file + ".partial";
        try
        {
            using (var stream = File.Create(partial))
            {
                foreach (var momentum in _momenta)
                    stream.Write(MemoryMarshal.AsBytes(LlamaWeights.Values(momentum)));
            }

            File.Move(partial, file, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <exception cref="InvalidDataException">The file is not of this model.</exception>
    public void Load(string file)
    {
        using var stream = File.OpenRead(file);
        if (stream.Length != _momenta.Sum(Count) * sizeof(float))
            throw new InvalidDataException($"{file} is damaged. Delete the folder to begin the run anew.");
        foreach (var momentum in _momenta)
            stream.ReadExactly(MemoryMarshal.AsBytes(LlamaWeights.Values(momentum)));
    }

    public void Dispose()
    {
        _nodes.Dispose();
        _data.Dispose();
    }
}
