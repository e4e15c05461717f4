using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Speech.Espeak;

/// <summary>espeak-ng's C interface, as far as it is used.</summary>
internal static unsafe partial class EspeakNative
{
    public const string Library = "espeak-ng";
    public const int Synchronous = 2, DontExit = 0x8000, Utf8 = 1, Character = 1, WordEvent = 1, Ipa = 2, Ssml = 0x10;

    [LibraryImport(Library, EntryPoint = "espeak_Initialize", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Initialize(int output, int bufferMilliseconds, string dataFolder, int options);

    [LibraryImport(Library, EntryPoint = "espeak_SetVoiceByName", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetVoice(string name);

    [LibraryImport(Library, EntryPoint = "espeak_SetSynthCallback")]
    public static partial void SetCallback(delegate* unmanaged[Cdecl]<short*, int, Event*, int> callback);

    [LibraryImport(Library, EntryPoint = "espeak_Synth", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Synthesize(string text, nuint size, uint position, int positionType, uint end, uint flags, nint identifier, nint userData);

    // Moves the text on to its next clause, or to null after the last.
    [LibraryImport(Library, EntryPoint = "espeak_TextToPhonemes")]
    public static partial nint TextToPhonemes(byte** text, int textMode, int phonemeMode);

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
