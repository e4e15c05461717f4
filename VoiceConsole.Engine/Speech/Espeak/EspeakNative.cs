using System.Runtime.InteropServices;
using System.Text;

namespace VoiceConsole.Engine.Speech.Espeak;

/// <summary>espeak-ng's C interface, as far as it is used, of one loading of the library.</summary>
/// <param name="library">The loaded library.</param>
internal sealed unsafe class EspeakNative(nint library)
{
    public const int Synchronous = 2, DontExit = 0x8000, Utf8 = 1, Character = 1, WordEvent = 1, Ipa = 2, Ssml = 0x10;

    private readonly delegate* unmanaged[Cdecl]<int, int, byte*, int, int> _initialize =
        (delegate* unmanaged[Cdecl]<int, int, byte*, int, int>)NativeLibrary.GetExport(library, "espeak_Initialize");

    private readonly delegate* unmanaged[Cdecl]<byte*, int> _setVoice =
        (delegate* unmanaged[Cdecl]<byte*, int>)NativeLibrary.GetExport(library, "espeak_SetVoiceByName");

    private readonly delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<short*, int, Event*, int>, void> _setCallback =
        (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<short*, int, Event*, int>, void>)NativeLibrary.GetExport(library, "espeak_SetSynthCallback");

    private readonly delegate* unmanaged[Cdecl]<byte*, nuint, uint, int, uint, uint, nint, nint, int> _synthesize =
        (delegate* unmanaged[Cdecl]<byte*, nuint, uint, int, uint, uint, nint, nint, int>)NativeLibrary.GetExport(library, "espeak_Synth");

    private readonly delegate* unmanaged[Cdecl]<byte**, int, int, nint> _textToPhonemes =
        (delegate* unmanaged[Cdecl]<byte**, int, int, nint>)NativeLibrary.GetExport(library, "espeak_TextToPhonemes");

    private readonly delegate* unmanaged[Cdecl]<int> _terminate = (delegate* unmanaged[Cdecl]<int>)NativeLibrary.GetExport(library, "espeak_Terminate");

    /// <returns>The sample rate; below 1 where the data cannot be used.</returns>
    public int Initialize(string dataFolder)
    {
        fixed (byte* folder = Encoding.UTF8.GetBytes(dataFolder + '\0'))
            return _initialize(Synchronous, 200, folder, DontExit);
    }

    /// <returns>0 where the voice was found.</returns>
    public int SetVoice(string name)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(name + '\0'))
            return _setVoice(bytes);
    }

    public void SetCallback(delegate* unmanaged[Cdecl]<short*, int, Event*, int> callback) => _setCallback(callback);

    /// <returns>0 where the text was spoken.</returns>
    public int Synthesize(string text, int flags)
    {
        var bytes = Encoding.UTF8.GetBytes(text + '\0');
        fixed (byte* first = bytes)
            return _synthesize(first, (nuint)bytes.Length, 0, Character, 0, (uint)flags, 0, 0);
    }

    /// <summary>Moves the text on to its next clause, or to null after the last.</summary>
    public nint TextToPhonemes(byte** text) => _textToPhonemes(text, Utf8, Ipa);

    /// <summary>Frees what the library holds, and takes it out of the process.</summary>
    public void Unload()
    {
        _ = _terminate();
        NativeLibrary.Free(library);
    }

    /// <summary>espeak_EVENT.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Event
    {
        public int Type;
        public uint Identifier;
        public int TextPosition;
        public int Length;
        public int AudioPosition;
        public int Sample;
        public nint UserData;
        public long Id;
    }
}
