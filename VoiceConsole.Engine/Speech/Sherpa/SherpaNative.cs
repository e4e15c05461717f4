using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Speech.Sherpa;

/// <summary>sherpa-onnx' C interface, as far as it is used; the layouts are those of the pinned version, which is checked on load.</summary>
internal static unsafe partial class SherpaNative
{
    private const string Library = "sherpa-onnx-c-api", Version = "1.13.8";

    private static readonly Lock s_lock = new();

    /// <param name="folders">Of the installed part "sherpa-onnx".</param>
    /// <exception cref="DllNotFoundException">It cannot be loaded, or is of another version.</exception>
    public static void Load(IReadOnlyList<string> folders)
    {
        lock (s_lock)
        {
            if (NativeLibraries.IsLoaded(Library))
                return;
            var (runtime, api) = OperatingSystem.IsWindows() ? ("onnxruntime.dll", $"{Library}.dll")
                : OperatingSystem.IsMacOS() ? ("libonnxruntime.dylib", $"lib{Library}.dylib") : ("libonnxruntime.so", $"lib{Library}.so");
            NativeLibraries.Load("sherpa-onnxruntime", runtime, [.. folders]);
            NativeLibraries.Load(Library, api, [.. folders]);
            var version = Marshal.PtrToStringUTF8(VersionText());
            if (version != Version)
                throw new DllNotFoundException($"sherpa-onnx is version {version}, and this program knows {Version}. Fetch it again with 'models pull sherpa-onnx'.");
        }
    }

    [LibraryImport(Library, EntryPoint = "SherpaOnnxCreateOnlineRecognizer")]
    public static partial nint StreamingCreate(nint settings);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxDestroyOnlineRecognizer")]
    public static partial void StreamingFree(nint recognizer);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxCreateOnlineStream")]
    public static partial nint StreamingBegin(nint recognizer);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxDestroyOnlineStream")]
    public static partial void StreamingEnd(nint stream);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxOnlineStreamAcceptWaveform")]
    public static partial void StreamingHear(nint stream, int rate, float* samples, int count);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxOnlineStreamInputFinished")]
    public static partial void StreamingFinish(nint stream);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxIsOnlineStreamReady")]
    public static partial int StreamingIsReady(nint recognizer, nint stream);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxDecodeOnlineStream")]
    public static partial void StreamingDecode(nint recognizer, nint stream);

    // The first field of the results is the text.
    [LibraryImport(Library, EntryPoint = "SherpaOnnxGetOnlineStreamResult")]
    public static partial nint* StreamingResult(nint recognizer, nint stream);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxDestroyOnlineRecognizerResult")]
    public static partial void StreamingResultFree(nint* result);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxCreateOfflineRecognizer")]
    public static partial nint WholeCreate(nint settings);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxDestroyOfflineRecognizer")]
    public static partial void WholeFree(nint recognizer);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxCreateOfflineStream")]
    public static partial nint WholeBegin(nint recognizer);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxDestroyOfflineStream")]
    public static partial void WholeEnd(nint stream);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxAcceptWaveformOffline")]
    public static partial void WholeHear(nint stream, int rate, float* samples, int count);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxDecodeOfflineStream")]
    public static partial void WholeDecode(nint recognizer, nint stream);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxGetOfflineStreamResult")]
    public static partial nint* WholeResult(nint stream);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxDestroyOfflineRecognizerResult")]
    public static partial void WholeResultFree(nint* result);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxCreateOfflineTts")]
    public static partial nint VoiceCreate(nint settings);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxDestroyOfflineTts")]
    public static partial void VoiceFree(nint voice);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxOfflineTtsSampleRate")]
    public static partial int VoiceRate(nint voice);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxOfflineTtsNumSpeakers")]
    public static partial int VoiceSpeakers(nint voice);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxOfflineTtsGenerateWithConfig", StringMarshalling = StringMarshalling.Utf8)]
    public static partial Sound* VoiceSay(nint voice, string text, nint settings, delegate* unmanaged[Cdecl]<float*, int, float, nint, int> goOn, nint data);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxDestroyOfflineTtsGeneratedAudio")]
    public static partial void SoundFree(Sound* sound);

    [LibraryImport(Library, EntryPoint = "SherpaOnnxGetVersionStr")]
    private static partial nint VersionText();

    /// <summary>SherpaOnnxGeneratedAudio.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Sound
    {
        public float* Samples;
        public int Count;
        public int Rate;
    }
}
