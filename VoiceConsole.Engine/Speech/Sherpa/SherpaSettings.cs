using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Speech.Sherpa;

/// <summary>One of sherpa-onnx' large structs of settings: zero but for what is set, by the offsets of the pinned version on 64-bit machines.</summary>
internal sealed unsafe class SherpaSettings : IDisposable
{
    // Larger than the largest of them, 608 bytes.
    private const int Size = 1024;

    private readonly byte* _memory = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly List<nint> _texts = [];

    public nint Address => (nint)_memory;

    public SherpaSettings Text(int offset, string text)
    {
        if (text.Length == 0)
            return this;
        _texts.Add(Marshal.StringToCoTaskMemUTF8(text));
        return Pointer(offset, _texts[^1]);
    }

    public SherpaSettings Number(int offset, int value)
    {
        *(int*)(_memory + offset) = value;
        return this;
    }

    public SherpaSettings Real(int offset, float value)
    {
        *(float*)(_memory + offset) = value;
        return this;
    }

    public SherpaSettings Pointer(int offset, nint value)
    {
        *(nint*)(_memory + offset) = value;
        return this;
    }

    public void Dispose()
    {
        _texts.ForEach(Marshal.FreeCoTaskMem);
        NativeMemory.Free(_memory);
    }
}
