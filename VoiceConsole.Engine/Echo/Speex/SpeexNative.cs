using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Echo.Speex;

/// <summary>What is used of libspeexdsp 1.2.</summary>
internal static unsafe partial class SpeexNative
{
    public const string Library = "speexdsp";
    public const string File = "libspeexdsp.so.1";

    public const int EchoSetSamplingRate = 24;
    public const int PreprocessSetDenoise = 0;
    public const int PreprocessSetNoiseSuppress = 18;
    public const int PreprocessSetEchoSuppress = 20;
    public const int PreprocessSetEchoSuppressActive = 22;
    public const int PreprocessSetEchoState = 24;

    [LibraryImport(Library, EntryPoint = "speex_echo_state_init")]
    public static partial nint EchoStateInit(int frameSize, int filterLength);

    [LibraryImport(Library, EntryPoint = "speex_echo_state_destroy")]
    public static partial void EchoStateDestroy(nint state);

    [LibraryImport(Library, EntryPoint = "speex_echo_state_reset")]
    public static partial void EchoStateReset(nint state);

    [LibraryImport(Library, EntryPoint = "speex_echo_cancellation")]
    public static partial void EchoCancellation(nint state, short* captured, short* rendered, short* cleaned);

    [LibraryImport(Library, EntryPoint = "speex_echo_ctl")]
    public static partial int EchoControl(nint state, int request, void* value);

    [LibraryImport(Library, EntryPoint = "speex_preprocess_state_init")]
    public static partial nint PreprocessStateInit(int frameSize, int sampleRate);

    [LibraryImport(Library, EntryPoint = "speex_preprocess_state_destroy")]
    public static partial void PreprocessStateDestroy(nint state);

    [LibraryImport(Library, EntryPoint = "speex_preprocess_run")]
    public static partial int PreprocessRun(nint state, short* samples);

    [LibraryImport(Library, EntryPoint = "speex_preprocess_ctl")]
    public static partial int PreprocessControl(nint state, int request, void* value);
}
