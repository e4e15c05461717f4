using static VoiceConsole.Engine.Training.Finetune.GgmlNative;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>
/// Operations of ggml that know their way back, from the gradient of what they made to the gradients of what they made it of. ggml's
/// own way back takes outer products, which its processor code computes far more slowly than products of matrices; here all are those.
/// </summary>
/// <param name="context">Holds the tensors.</param>
/// <param name="isLearning">False where nothing has to go back.</param>
internal sealed class GgmlTape(nint context, bool isLearning)
{
    private readonly Stack<(nint Made, Action<nint> Back)> _steps = [];
    private readonly Dictionary<nint, nint> _gradients = [];

    /// <summary>Goes all the way back. Afterwards <see cref="GradientOf"/> tells every gradient.</summary>
    /// <param name="made">Where the way back begins.</param>
    /// <param name="gradient">Of that.</param>
    public void GoBack(nint made, nint gradient)
    {
        _gradients[made] = gradient;
        while (_steps.TryPop(out var step))
            step.Back(_gradients[step.Made]);
    }

    public nint GradientOf(nint tensor) => _gradients[tensor];

    /// <summary>Rows of a matrix.</summary>
    public nint Rows(nint matrix, nint which) => Record(GetRows(context, matrix, which), g => Give(matrix, GetRowsBack(context, g, which, matrix)));

    public nint Sum(nint a, nint b) => Record(Add(context, a, b), g =>
    {
        Give(a, g);
        Give(b, g);
    });

    /// <summary>A product with something that learns nothing.</summary>
    public nint Masked(nint a, nint mask) => Record(Multiply(context, a, mask), g => Give(a, Multiply(context, g, mask)));

    /// <summary>Each row to unit length, times a weight for each of its values.</summary>
    public nint Norm(nint x, nint weights, float epsilon)
    {
        var norm = RmsNorm(context, x, epsilon);
        return Record(Multiply(context, norm, weights), g =>
        {
            Give(weights, SumRepeats(context, Multiply(context, norm, g), weights));
            Give(x, RmsNormBack(context, Multiply(context, g, weights), x, epsilon));
        });
    }

    /// <summary>Rows of <paramref name="values"/> times rows of <paramref name="weights"/>.</summary>
    public nint Times(nint weights, nint values) => Record(Product(context, weights, values), g =>
    {
        Give(values, Product(context, Turned(weights), g));
        Give(weights, Product(context, Turned(values), Turned(g)));
    });

    /// <summary>The same for many matrices at once, each of <paramref name="few"/> with as many of <paramref name="many"/> in a row.</summary>
    /// <param name="sizes">Of <paramref name="few"/>: values of a row, rows, matrices.</param>
    /// <param name="sharing">How many share one.</param>
    public nint TimesShared(nint few, nint many, (long Values, long Rows, long Matrices) sizes, int sharing) => Record(Product(context, few, many), g =>
    {
        Give(many, Product(context, Turned(few), g));
        var all = Reshape(context, Product(context, Turned(many), Turned(g)), sizes.Values * sizes.Rows, sharing, sizes.Matrices, 1);
        var one = Reshape(context, few, sizes.Values * sizes.Rows, 1, sizes.Matrices, 1);
        Give(few, Reshape(context, SumRepeats(context, all, one), sizes.Values, sizes.Rows, sizes.Matrices, 1));
    });

    public nint Gated(nint gate, nint up) => Record(SwiGlu(context, gate, up), g =>
    {
        Give(gate, SiluBack(context, Multiply(context, g, up), gate));
        Give(up, Multiply(context, g, Silu(context, gate)));
    });

    /// <summary>Turns pairs of values by the position.</summary>
    public nint Rotated(nint x, nint positions, nint factors, int size, int trainedContext, float frequency) => Record(
        Rotate(context, x, positions, factors, size, 0, trainedContext, frequency, 1, 0, 1, 32, 1),
        g => Give(x, RotateBack(context, g, positions, factors, size, 0, trainedContext, frequency, 1, 0, 1, 32, 1)));

    public nint Shares(nint scores, nint mask, float scale)
    {
        var shares = SoftMax(context, scores, mask, scale, 0);
        // The allocator would put their gradient in their own place, where the way back still reads them.
        SetOutput(shares);
        return Record(shares, g => Give(scores, SoftMaxBack(context, g, shares, scale, 0)));
    }

    public nint Shaped(nint x, ReadOnlySpan<long> was, ReadOnlySpan<long> sizes)
    {
        var old = was.ToArray();
        return Record(Shape(x, sizes), g => Give(x, Shape(g, old)));
    }

    /// <summary>Moves dimension i to the place <paramref name="axes"/>[i].</summary>
    public nint Permuted(nint x, params int[] axes)
    {
        var inverse = new int[axes.Length];
        for (var i = 0; i < axes.Length; i++)
            inverse[axes[i]] = i;
        return Record(Move(x, axes), g => Give(x, Move(g, inverse)));
    }

    /// <summary>Cross-entropy, the mean of all rows.</summary>
    public nint Loss(nint logits, nint labels) => Record(CrossEntropy(context, logits, labels), g => Give(logits, CrossEntropyBack(context, g, logits, labels)));

    private nint Record(nint made, Action<nint> back)
    {
        if (isLearning)
            _steps.Push((made, back));
        return made;
    }

    private void Give(nint tensor, nint gradient) => _gradients[tensor] = _gradients.TryGetValue(tensor, out var before) ? Add(context, before, gradient) : gradient;

    private nint Turned(nint tensor) => Pack(context, Transpose(context, tensor));

    private nint Shape(nint tensor, ReadOnlySpan<long> s) => Reshape(context, tensor, s[0], s[1], s[2], s[3]);

    private nint Move(nint tensor, int[] axes) => Pack(context, Permute(context, tensor, axes[0], axes[1], axes[2], axes[3]));
}
