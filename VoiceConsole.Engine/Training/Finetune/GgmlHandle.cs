using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>Something of ggml's that must be freed, with the function that frees it.</summary>
internal sealed unsafe class GgmlHandle : SafeHandle
{
    private readonly Action<nint> _free;

    private GgmlHandle(nint handle, Action<nint> free)
        : base(0, ownsHandle: true)
    {
        _free = free;
        SetHandle(handle);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The pointer; the handle must outlive its use.</summary>
    public nint Pointer => handle;

    /// <exception cref="InvalidOperationException">There is nothing to be freed: ggml could not make it.</exception>
    public static GgmlHandle Of(nint made, Action<nint> free) =>
        made != 0 ? new GgmlHandle(made, free) : throw new InvalidOperationException("ggml could not get the memory to train with. Take a smaller model, or fewer or shorter windows.");

    /// <summary>A context for tensors that have their own memory.</summary>
    /// <param name="tensors">How many.</param>
    /// <param name="values">Their values of 4 bytes in all.</param>
    public static GgmlHandle ContextWithData(int tensors, long values) => Context(((nuint)tensors * (GgmlNative.TensorBytes() + Padding)) + ((nuint)values * sizeof(float)), false);

    /// <summary>A context for a graph whose tensors get their memory from an allocator.</summary>
    public static GgmlHandle ContextOfGraph(int nodes) => Context(((nuint)nodes * GgmlNative.TensorBytes()) + GgmlNative.GraphBytes((nuint)nodes, 0), true);

    protected override bool ReleaseHandle()
    {
        _free(handle);
        return true;
    }

    // What a tensor's data may be rounded up by.
    private const nuint Padding = 64;

    private static GgmlHandle Context(nuint bytes, bool leavesDataOut) => Of(
        GgmlNative.ContextCreate(new GgmlNative.ContextParams { Bytes = bytes, LeavesDataOut = leavesDataOut ? (byte)1 : (byte)0 }), GgmlNative.ContextFree);
}
