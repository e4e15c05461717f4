using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>The tokens a model has read so far. Pins its model; calls exclude each other and disposal.</summary>
internal sealed unsafe class LlamaContext : SafeHandle
{
    private const int BatchTokens = 512;

    private readonly Lock _lock = new();
    private readonly LlamaModel _model;
    private readonly bool _pinned;
    private readonly List<int> _tokens = [];

    public LlamaContext(LlamaModel model, int threads, int contextTokens)
        : base(0, ownsHandle: true)
    {
        _model = model;
        Size = model.TrainedContext > 0 ? Math.Min(contextTokens, model.TrainedContext) : contextTokens;
        var parameters = LlamaNative.ContextDefaults();
        parameters.ContextTokens = (uint)Size;
        parameters.BatchTokens = BatchTokens;
        parameters.MicroBatchTokens = BatchTokens;
        parameters.Threads = threads;
        parameters.BatchThreads = threads;
        model.DangerousAddRef(ref _pinned);
        SetHandle(LlamaNative.ContextCreate(model.DangerousGetHandle(), parameters));
        if (!IsInvalid)
            return;
        model.DangerousRelease();
        throw new InvalidOperationException($"llama.cpp cannot make a context of {Size} tokens: {LlamaNative.LastError}");
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Tokens that fit.</summary>
    public int Size { get; }

    public bool IsFull => _tokens.Count >= Size;

    /// <summary>Keeps the longest common beginning with what was read before and forgets the rest. Returns the tokens kept.</summary>
    public int Rewind(ReadOnlySpan<int> prompt)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            // The last token is always read again: its outcome is what the reply begins with.
            var common = Math.Min(CollectionsMarshal.AsSpan(_tokens).CommonPrefixLength(prompt), prompt.Length - 1);
            if (LlamaNative.MemoryRemove(LlamaNative.Memory(handle), 0, common, -1) == 0)
            {
                Clear();
                return 0;
            }

            _tokens.RemoveRange(common, _tokens.Count - common);
            return common;
        }
    }

    /// <summary>Reads at most one batch and returns how many tokens it took.</summary>
    public int Read(ReadOnlySpan<int> tokens)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            var batch = tokens[..Math.Min(tokens.Length, BatchTokens)];
            int result;
            fixed (int* first = batch)
                result = LlamaNative.Decode(handle, LlamaNative.BatchOf(first, batch.Length));
            if (result != 0)
            {
                Clear();
                throw new InvalidOperationException($"llama.cpp cannot go on (code {result}): {LlamaNative.LastError}");
            }

            _tokens.AddRange(batch);
            return batch.Length;
        }
    }

    public int Sample(LlamaSampler sampler)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(IsClosed || sampler.IsClosed, this);
            return LlamaNative.Sample(sampler.DangerousGetHandle(), handle, -1);
        }
    }

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
            base.Dispose(disposing);
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.ContextFree(handle);
        if (_pinned)
            _model.DangerousRelease();
        return true;
    }

    private void Clear()
    {
        LlamaNative.MemoryClear(LlamaNative.Memory(handle), 1);
        _tokens.Clear();
    }
}
