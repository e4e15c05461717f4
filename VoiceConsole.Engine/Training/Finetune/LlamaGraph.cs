using static VoiceConsole.Engine.Training.Finetune.GgmlNative;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>
/// A Llama's way from tokens to the loss, and back to the gradient of every weight: what llama.cpp computes for a reply, but
/// without the cache of keys and values, through which no gradient would come. Several windows are computed at once.
/// </summary>
internal sealed unsafe class LlamaGraph : IDisposable
{
    private const int InputTensors = 7;

    // Nodes of the way there and back: a fixed part, and so many for each block and each weight.
    private const int NodesAround = 256, NodesOfBlock = 256;

    private readonly LlamaWeights _weights;
    private readonly nint _backend;
    private readonly int _windows, _length, _mostCounted;
    private readonly GgmlHandle _inputs, _nodes, _memory;
    private readonly nint _tokens, _positions, _mask, _rows, _counts, _labels, _lossGradient;
    private readonly nint _graph, _loss, _likeliest;
    private readonly AdamW? _learner;

    /// <param name="learner">Receives the gradients; null for a graph that only measures.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="windows">Windows at once.</param>
    /// <param name="length">Tokens of a window.</param>
    /// <param name="counted">Labels that a window has at most.</param>
    public LlamaGraph(LlamaWeights weights, AdamW? learner, nint backend, int windows, int length, int counted)
    {
        (_weights, _learner, _backend, _windows, _length, _mostCounted) = (weights, learner, backend, windows, length, Math.Max(1, windows * counted));
        var vocabulary = weights.Base.Vocabulary;
        _inputs = GgmlHandle.ContextWithData(InputTensors, (Rows * (2L + length)) + (_mostCounted * (2L + vocabulary)) + 1);
        _tokens = NewVector(_inputs.Pointer, I32, Rows);
        _positions = NewVector(_inputs.Pointer, I32, Rows);
        _mask = New(_inputs.Pointer, F32, length, length, 1, windows);
        _rows = NewVector(_inputs.Pointer, I32, _mostCounted);
        _counts = New(_inputs.Pointer, F32, 1, _mostCounted, 1, 1);
        _labels = New(_inputs.Pointer, F32, vocabulary, _mostCounted, 1, 1);
        _lossGradient = NewVector(_inputs.Pointer, F32, 1);
        var size = NodesAround + (NodesOfBlock * weights.Base.Shape.Layers);
        _nodes = GgmlHandle.ContextOfGraph(size, learner is not null);
        _graph = Graph(_nodes.Pointer, (nuint)size, learner is null ? (byte)0 : (byte)1);
        var logits = Logits();
        _likeliest = Likeliest(Context, logits);
        SetOutput(_likeliest);
        Forward(_graph, _likeliest);
        _loss = CrossEntropy(Context, logits, _labels);
        SetLoss(_loss);
        SetOutput(_loss);
        Forward(_graph, _loss);
        if (learner is not null)
            AddWayBack(learner);
        _memory = GgmlHandle.Of(AllocatorCreate(ProcessorMemory()), AllocatorFree);
        if (Allocate(_memory.Pointer, _graph) == 0)
            throw new InvalidOperationException("There is not enough memory to train with so many tokens at once. Take fewer or shorter windows.");
    }

    private int Rows => _windows * _length;

    private nint Context => _nodes.Pointer;

    /// <summary>Computes the loss of some windows, and if there is a learner its gradients.</summary>
    /// <param name="which">At most as many windows as the graph takes.</param>
    public WindowScore Run(TokenWindows windows, ReadOnlySpan<int> which)
    {
        var tokens = new Span<int>(Data(_tokens), Rows);
        var positions = new Span<int>(Data(_positions), Rows);
        tokens.Clear();
        positions.Clear();
        var labels = new List<int>();
        Clear();
        for (var i = 0; i < which.Length; i++)
        {
            windows.Tokens(which[i]).CopyTo(tokens[(i * _length)..]);
            windows.Positions(which[i]).CopyTo(positions[(i * _length)..]);
            AddLabels(windows.Labels(which[i]), i * _length, labels);
        }

        ShowOwnPast(positions);
        // The loss is the mean over all rows; learnt is the mean over those that count.
        LlamaWeights.Values(_lossGradient)[0] = _mostCounted / (float)Math.Max(1, labels.Count);
        _learner?.ClearGradients();
        if (Compute(_backend, _graph) != 0)
            throw new InvalidOperationException("ggml could not compute the step.");
        var likeliest = new ReadOnlySpan<int>(Data(_likeliest), labels.Count).ToArray();
        var correct = likeliest.Zip(labels).Count(pair => pair.First == pair.Second);
        return new WindowScore(LlamaWeights.Values(_loss)[0] * (double)_mostCounted, correct, labels.Count);
    }

    public void Dispose()
    {
        _memory.Dispose();
        _nodes.Dispose();
        _inputs.Dispose();
    }

    // A token sees the tokens of its own conversation up to itself.
    private void ShowOwnPast(ReadOnlySpan<int> positions)
    {
        var mask = LlamaWeights.Values(_mask);
        mask.Fill(float.NegativeInfinity);
        for (var row = 0; row < Rows; row++)
            mask.Slice((row * _length) + (row % _length) - positions[row], positions[row] + 1).Clear();
    }

    private void Clear()
    {
        new Span<int>(Data(_rows), _mostCounted).Clear();
        LlamaWeights.Values(_counts).Clear();
        LlamaWeights.Values(_labels).Clear();
    }

    private void AddLabels(ReadOnlySpan<int> labels, int firstRow, List<int> all)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] == TokenWindows.NotCounted)
                continue;
            new Span<int>(Data(_rows), _mostCounted)[all.Count] = firstRow + i;
            LlamaWeights.Values(_counts)[all.Count] = 1;
            LlamaWeights.Values(_labels)[(all.Count * _weights.Base.Vocabulary) + labels[i]] = 1;
            all.Add(labels[i]);
        }
    }

    private nint Logits()
    {
        var x = GetRows(Context, _weights["token_embd.weight"], _tokens);
        for (var block = 0; block < _weights.Base.Shape.Layers; block++)
        {
            x = Add(Context, x, Attention(Norm(x, $"blk.{block}.attn_norm"), $"blk.{block}.attn_"));
            x = Add(Context, x, FeedForward(Norm(x, $"blk.{block}.ffn_norm"), $"blk.{block}.ffn_"));
        }

        // Only rows with a label go on. Those beyond their number become zero, so that no gradient comes from them.
        x = Multiply(Context, Norm(GetRows(Context, x, _rows), "output_norm"), _counts);
        return Product(Context, _weights[_weights.Base.OutputName], x);
    }

    private nint Norm(nint x, string name) => Multiply(Context, RmsNorm(Context, x, _weights.Base.Epsilon), _weights[$"{name}.weight"]);

    private nint Linear(nint x, string name) => Product(Context, _weights[$"{name}.weight"], x);

    private nint FeedForward(nint x, string name) => Linear(SwiGlu(Context, Linear(x, $"{name}gate"), Linear(x, $"{name}up")), $"{name}down");

    private nint Attention(nint x, string name)
    {
        var (heads, keyHeads, size) = (_weights.Base.Shape.Heads, _weights.Base.Shape.KeyHeads, _weights.Base.Shape.Width / _weights.Base.Shape.Heads);
        var queries = TokensByHead(Turn(Linear(x, $"{name}q"), heads), heads);
        var keys = TokensByHead(Turn(Linear(x, $"{name}k"), keyHeads), keyHeads);
        // Heads of all windows lie in one dimension, where several query heads can share a key head.
        var scores = Reshape(Context, Product(Context, keys, queries), _length, _length, heads, _windows);
        var shares = SoftMax(Context, scores, _mask, 1 / MathF.Sqrt(size), 0);
        // The allocator would put the gradient of these in their own place, where the way back still reads them.
        SetOutput(shares);
        var values = Pack(Context, Permute(Context, Reshape(Context, Linear(x, $"{name}v"), size, keyHeads, _length, _windows), 1, 2, 0, 3));
        var mixed = Product(Context, Reshape(Context, values, _length, size, (long)keyHeads * _windows, 1), Reshape(Context, shares, _length, _length, (long)heads * _windows, 1));
        var joined = Pack(Context, Permute(Context, Reshape(Context, mixed, size, _length, heads, _windows), 0, 2, 1, 3));
        return Linear(Reshape(Context, joined, _weights.Base.Shape.Width, Rows, 1, 1), $"{name}output");

        nint TokensByHead(nint tensor, int count) => Reshape(
            Context, Pack(Context, Permute(Context, Reshape(Context, tensor, size, count, _length, _windows), 0, 2, 1, 3)), size, _length, (long)count * _windows, 1);

        nint Turn(nint tensor, int count) => Rotate(
            Context, Reshape(Context, tensor, size, count, Rows, 1), _positions, _weights.Base.HasFactors ? _weights[TrainableBase.Factors] : 0,
            size, 0, _weights.Base.Shape.Context, _weights.Base.Frequency, 1, 0, 1, 32, 1);
    }

    private void AddWayBack(AdamW learner)
    {
        var gradients = new nint[Nodes(_graph)];
        for (var i = 0; i < gradients.Length; i++)
        {
            var node = Node(_graph, i);
            gradients[i] = node == _loss ? _lossGradient : learner.GradientOf(node);
        }

        fixed (nint* first = gradients)
            Backward(Context, _graph, first);
    }
}
