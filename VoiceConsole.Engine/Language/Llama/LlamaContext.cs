using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>The tokens a model has read so far. Pins its model; calls exclude each other and disposal, save <see cref="AbortOn"/>.</summary>
internal sealed unsafe class LlamaContext : SafeHandle
{
    /// <summary>Tokens read at once.</summary>
    public const int BatchTokens = 256;

    private const int Aborted = 2;

    // Tokens; and llama.cpp's own choice.
    private const int ShortContext = 512, FlashAttentionAuto = -1;

    private readonly Lock _lock = new();
    private readonly LlamaModel _model;
    private readonly bool _pinned;
    private readonly List<int> _tokens = [];

    // Native code asks here, in the middle of its work, whether to give up.
    private readonly int[] _abort = GC.AllocateArray<int>(1, pinned: true);
    private bool _asksToAbort;

    public LlamaContext(LlamaModel model, int threads, int contextTokens)
        : base(0, ownsHandle: true)
    {
        _model = model;
        Size = model.TrainedContext > 0 ? Math.Min(contextTokens, model.TrainedContext) : contextTokens;
        var parameters = LlamaNative.ContextDefaults();
        parameters.ContextTokens = (uint)Size;
        parameters.BatchTokens = BatchTokens;
        parameters.MicroBatchTokens = BatchTokens;
        // Measured on processors: without it a question on a long history is read two to three times as fast; in a context that holds
        // no long history a token is written a sixth faster with it.
        parameters.FlashAttention = Size > ShortContext ? 0 : FlashAttentionAuto;
        parameters.Threads = threads;
        parameters.BatchThreads = threads;
        model.DangerousAddRef(ref _pinned);
        SetHandle(LlamaNative.ContextCreate(model.DangerousGetHandle(), parameters));
        if (!IsInvalid)
            return;
        model.DangerousRelease();
        throw new ModelUnavailableException($"llama.cpp cannot make a context of {Size} tokens: {LlamaNative.LastError}", "Free some memory, or choose a smaller model.");
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Tokens that fit.</summary>
    public int Size { get; }

    public bool IsFull => _tokens.Count >= Size;

    /// <summary>Has adapters change the model from the next token on.</summary>
    /// <param name="adapters">As <see cref="LlamaModel.Adapter"/> gives them.</param>
    /// <param name="scales">How strongly, for each.</param>
    public void Adapt(ReadOnlySpan<nint> adapters, ReadOnlySpan<float> scales)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            int result;
            fixed (nint* first = adapters)
            fixed (float* scale = scales)
                result = LlamaNative.SetAdapters(handle, first, (nuint)adapters.Length, scale);
            if (result != 0)
                throw new InvalidOperationException($"llama.cpp cannot use the adapter: {LlamaNative.LastError}");
        }
    }

    /// <summary>Until the result is disposed, the token stops reading in the middle of a batch, with <see cref="OperationCanceledException"/>.</summary>
    public CancellationTokenRegistration AbortOn(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _abort[0], 0);
        return cancellationToken.UnsafeRegister(static context => Volatile.Write(ref ((LlamaContext)context!)._abort[0], 1), this);
    }

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
            // One token is soon read, and asking after each of its steps would cost an eighth of its time.
            AskToAbort(batch.Length > 1);
            int result;
            fixed (int* first = batch)
                result = LlamaNative.Decode(handle, LlamaNative.BatchOf(first, batch.Length));
            if (result == Aborted)
            {
                LlamaNative.MemoryRemove(LlamaNative.Memory(handle), 0, _tokens.Count, -1);
                throw new OperationCanceledException();
            }

            if (result != 0)
            {
                Clear();
                throw new InvalidOperationException($"llama.cpp cannot go on (code {result}): {LlamaNative.LastError}");
            }

            _tokens.AddRange(batch);
            return batch.Length;
        }
    }

    /// <summary>Reads a text from its beginning and returns the cross-entropy, in nats, of all its tokens that count.</summary>
    /// <param name="tokens">At most <see cref="Size"/>.</param>
    /// <param name="counts">For each token, the first apart, whether it counts.</param>
    public double Nats(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> counts)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            Clear();
            var nats = 0.0;
            var outputs = new byte[BatchTokens];
            for (var start = 0; start < tokens.Length; start += BatchTokens)
            {
                var count = Math.Min(BatchTokens, tokens.Length - start);
                for (var i = 0; i < count; i++)
                    outputs[i] = IsWanted(counts, start + i) ? (byte)1 : (byte)0;
                fixed (int* first = tokens[start..])
                fixed (byte* wanted = outputs)
                {
                    var batch = LlamaNative.BatchOf(first, count);
                    batch.Outputs = (nint)wanted;
                    if (LlamaNative.Decode(handle, batch) is not 0 and var result)
                        throw new InvalidOperationException($"llama.cpp cannot read the text (code {result}): {LlamaNative.LastError}");
                }

                for (var i = 0; i < count; i++)
                {
                    if (start + i + 1 < tokens.Length && outputs[i] != 0)
                        nats += NatsOf(new ReadOnlySpan<float>(LlamaNative.Logits(handle, i), _model.VocabularySize), tokens[start + i + 1]);
                }
            }

            Clear();
            return nats;
        }

        static bool IsWanted(ReadOnlySpan<bool> counts, int at) => at + 1 < counts.Length && counts[at + 1];
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

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte IsAborted(nint flag) => Volatile.Read(ref *(int*)flag) == 0 ? (byte)0 : (byte)1;

    private static double NatsOf(ReadOnlySpan<float> logits, int token)
    {
        var most = TensorPrimitives.Max(logits);
        var total = 0.0;
        foreach (var logit in logits)
            total += Math.Exp(logit - most);
        return Math.Log(total) - (logits[token] - most);
    }

    private void AskToAbort(bool asks)
    {
        if (asks == _asksToAbort)
            return;
        LlamaNative.SetAbort(handle, asks ? &IsAborted : null, Marshal.UnsafeAddrOfPinnedArrayElement(_abort, 0));
        _asksToAbort = asks;
    }

    private void Clear()
    {
        LlamaNative.MemoryClear(LlamaNative.Memory(handle), 1);
        _tokens.Clear();
    }
}
