using static VoiceConsole.Engine.Training.Finetune.GgmlNative;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>
/// A Llama's way from tokens to the loss, and back to the gradient of every weight: what llama.cpp computes for a reply, but
/// without the cache of keys and values, through which no gradient would come. Several windows are computed at once.
/// </summary>
internal sealed unsafe class LlamaGraph : IDisposable
{
    private const int InputTensors = 7;

    // Nodes of the way there and back: a fixed part, and so many for each block.
    private const int NodesAround = 256, NodesOfBlock = 256;

    // Products are fastest where their sizes are multiples of this.
    private const int Step = 16;

    private readonly LlamaWeights _weights;
    private readonly nint _backend;
    private readonly int _windows, _length, _mostCounted;
    private readonly GgmlHandle _inputs, _nodes, _memory;
    private readonly nint _tokens, _positions, _mask, _rows, _counts, _labels, _lossGradient;
    private readonly nint _graph, _loss, _likeliest;
    private readonly GgmlTape _tape;

    /// <param name="learner">Receives the gradients; null for a graph that only measures.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="windows">Windows at once.</param>
    /// <param name="length">Tokens of a window.</param>
    /// <param name="counted">Labels that a window has at most.</param>
    public LlamaGraph(LlamaWeights weights, AdamW? learner, nint backend, int windows, int length, int counted)
    {
        (_weights, _backend, _windows, _length) = (weights, backend, windows, length);
        _mostCounted = Math.Max(1, ((windows * counted) + Step - 1) / Step) * Step;
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
        _nodes = GgmlHandle.ContextOfGraph(size);
        _graph = Graph(_nodes.Pointer, (nuint)size, 0);
        _tape = new GgmlTape(Context, learner is not null);
        var logits = Logits();
        _likeliest = Likeliest(Context, logits);
        SetOutput(_likeliest);
        Forward(_graph, _likeliest);
        _loss = _tape.Loss(logits, _labels);
        SetOutput(_loss);
        Forward(_graph, _loss);
        if (learner is not null)
        {
            _tape.GoBack(_loss, _lossGradient);
            foreach (var tensor in weights.Learnt)
                Forward(_graph, Copy(Context, _tape.GradientOf(tensor), learner.GradientOf(tensor)));
        }

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
            AddLabels(windows.Labels(which[i]), windows.Times(which[i]), i * _length, labels);
        }

        ShowOwnPast(positions);
        // The loss is the mean over all rows; learnt is the mean over those that count.
        LlamaWeights.Values(_lossGradient)[0] = _mostCounted / (float)Math.Max(1, labels.Count);
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

    private void AddLabels(ReadOnlySpan<int> labels, ReadOnlySpan<int> times, int firstRow, List<int> all)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            // The loss has no weights; a row that is there more often weighs more.
            for (var time = 0; time < times[i]; time++)
            {
                new Span<int>(Data(_rows), _mostCounted)[all.Count] = firstRow + i;
                LlamaWeights.Values(_counts)[all.Count] = 1;
                LlamaWeights.Values(_labels)[(all.Count * _weights.Base.Vocabulary) + labels[i]] = 1;
                all.Add(labels[i]);
            }
        }
    }

    private nint Logits()
    {
        var x = _tape.Rows(_weights["token_embd.weight"], _tokens);
        for (var block = 0; block < _weights.Base.Shape.Layers; block++)
        {
            x = _tape.Sum(x, Attention(Norm(x, $"blk.{block}.attn_norm"), $"blk.{block}.attn_"));
            x = _tape.Sum(x, FeedForward(Norm(x, $"blk.{block}.ffn_norm"), $"blk.{block}.ffn_"));
        }

        // Only rows with a label go on. Those beyond their number become zero, so that no gradient comes from them.
        x = _tape.Masked(Norm(_tape.Rows(x, _rows), "output_norm"), _counts);
        return _tape.Times(_weights[_weights.Base.OutputName], x);
    }

    private nint Norm(nint x, string name) => _tape.Norm(x, _weights[$"{name}.weight"], _weights.Base.Epsilon);

    private nint Linear(nint x, string name) => _tape.Times(_weights[$"{name}.weight"], x);

    private nint FeedForward(nint x, string name) => Linear(_tape.Gated(Linear(x, $"{name}gate"), Linear(x, $"{name}up")), $"{name}down");

    private nint Attention(nint x, string name)
    {
        var (heads, keyHeads, size) = (_weights.Base.Shape.Heads, _weights.Base.Shape.KeyHeads, _weights.Base.Shape.Width / _weights.Base.Shape.Heads);
        var (all, few) = ((long)heads * _windows, (long)keyHeads * _windows);
        // Heads of all windows lie in one dimension, where several query heads can share a key head.
        var queries = TokensByHead(Turn(Linear(x, $"{name}q"), heads), heads);
        var keys = TokensByHead(Turn(Linear(x, $"{name}k"), keyHeads), keyHeads);
        var scores = _tape.TimesShared(keys, queries, (size, _length, few), heads / keyHeads);
        var shares = _tape.Shares(_tape.Shaped(scores, [_length, _length, all, 1], [_length, _length, heads, _windows]), _mask, 1 / MathF.Sqrt(size));
        var values = _tape.Permuted(_tape.Shaped(Linear(x, $"{name}v"), [(long)size * keyHeads, Rows, 1, 1], [size, keyHeads, _length, _windows]), 1, 2, 0, 3);
        var mixed = _tape.TimesShared(
            _tape.Shaped(values, [_length, size, keyHeads, _windows], [_length, size, few, 1]),
            _tape.Shaped(shares, [_length, _length, heads, _windows], [_length, _length, all, 1]), (_length, size, few), heads / keyHeads);
        var joined = _tape.Permuted(_tape.Shaped(mixed, [size, _length, all, 1], [size, _length, heads, _windows]), 0, 2, 1, 3);
        return Linear(_tape.Shaped(joined, [size, heads, _length, _windows], [_weights.Base.Shape.Width, Rows, 1, 1]), $"{name}output");

        nint TokensByHead(nint tensor, int count) => _tape.Shaped(
            _tape.Permuted(_tape.Shaped(tensor, [size, count, Rows, 1], [size, count, _length, _windows]), 0, 2, 1, 3),
            [size, _length, count, _windows], [size, _length, (long)count * _windows, 1]);

        nint Turn(nint tensor, int count) => _tape.Rotated(
            _tape.Shaped(tensor, [(long)size * count, Rows, 1, 1], [size, count, Rows, 1]), _positions,
            _weights.Base.HasFactors ? _weights[TrainableBase.Factors] : 0, size, _weights.Base.Shape.Context, _weights.Base.Frequency);
    }
}
