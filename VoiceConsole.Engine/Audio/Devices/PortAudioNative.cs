using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>PortAudio 19's C interface, as far as it is used.</summary>
internal static unsafe partial class PortAudioNative
{
    public const string Library = "portaudio";
    public const int HostError = -9999, InvalidChannels = -9998, InvalidRate = -9997;
    public const nuint Float32 = 1;
    public const nuint InputOverflow = 2, OutputUnderflow = 4;

    /// <summary>
    /// Held while PortAudio is started or ended, asked for its devices, or opens and closes a stream: it has one state and no lock of
    /// its own, and somebody may look at the settings while a lost device is waited for.
    /// </summary>
    public static readonly Lock Exclusive = new();

    private static readonly Lock s_lock = new();
    private static bool s_ready;

    /// <summary>Loads the library; later calls do nothing.</summary>
    /// <exception cref="DllNotFoundException">It cannot be loaded.</exception>
    public static void Load(IReadOnlyList<string> folders)
    {
        lock (s_lock)
        {
            if (s_ready)
                return;
            string[] where = [.. folders];
            // A machine without ALSA's own settings uses those that came with the part.
            if (!Directory.Exists("/usr/share/alsa") && where.Select(f => Path.Combine(f, "usr/share/alsa")).FirstOrDefault(Directory.Exists) is { } settings)
                _ = SetEnvironment("ALSA_CONFIG_DIR", settings, 0);
            var library = NativeLibraries.Load(Library, "libportaudio.so.2", where);
            // ALSA and JACK complain on standard error about each device and server that they cannot open while they look for those
            // that they can. By now they are loaded, perhaps the system's own; a plain name finds the one that PortAudio is bound to.
            if (NativeLibrary.TryLoad("libasound.so.2", out var alsa))
            {
                if (NativeLibrary.TryGetExport(alsa, "snd_lib_error_set_handler", out var setHandler))
                    _ = ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<byte*, int, byte*, int, byte*, void>, int>)setHandler)(&Ignore);
                AlsaAnswers.Use(library, alsa);
            }

            if (NativeLibrary.TryLoad("libjack.so.0", out var jack) && NativeLibrary.TryGetExport(jack, "jack_set_error_function", out var setFunction))
                ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<byte*, void>, void>)setFunction)(&Ignore);
            s_ready = true;
        }
    }

    /// <summary>What PortAudio calls the error.</summary>
    public static string Describe(int error) => Marshal.PtrToStringUTF8(ErrorText(error)) ?? $"error {error}";

    [LibraryImport(Library, EntryPoint = "Pa_Initialize")]
    public static partial int Initialize();

    [LibraryImport(Library, EntryPoint = "Pa_Terminate")]
    public static partial int Terminate();

    [LibraryImport(Library, EntryPoint = "Pa_GetDeviceCount")]
    public static partial int DeviceCount();

    [LibraryImport(Library, EntryPoint = "Pa_GetDefaultInputDevice")]
    public static partial int DefaultInput();

    [LibraryImport(Library, EntryPoint = "Pa_GetDefaultOutputDevice")]
    public static partial int DefaultOutput();

    [LibraryImport(Library, EntryPoint = "Pa_GetDeviceInfo")]
    public static partial DeviceInfo* Info(int device);

    [LibraryImport(Library, EntryPoint = "Pa_OpenStream")]
    public static partial int Open(
        out PortAudioStream stream, StreamParameters* input, StreamParameters* output, double sampleRate, nuint framesPerBuffer, nuint flags,
        delegate* unmanaged[Cdecl]<float*, float*, nuint, void*, nuint, nint, int> callback, nint user);

    [LibraryImport(Library, EntryPoint = "Pa_StartStream")]
    public static partial int Start(PortAudioStream stream);

    [LibraryImport(Library, EntryPoint = "Pa_IsStreamActive")]
    public static partial int IsActive(PortAudioStream stream);

    [LibraryImport(Library, EntryPoint = "Pa_GetStreamInfo")]
    public static partial StreamInfo* Info(PortAudioStream stream);

    [LibraryImport(Library, EntryPoint = "Pa_AbortStream")]
    public static partial int Abort(nint stream);

    [LibraryImport(Library, EntryPoint = "Pa_CloseStream")]
    public static partial int Close(nint stream);

    [LibraryImport(Library, EntryPoint = "Pa_GetErrorText")]
    private static partial nint ErrorText(int error);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Ignore(byte* file, int line, byte* function, int error, byte* format)
    {
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Ignore(byte* message)
    {
    }

    /// <summary>PaDeviceInfo.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DeviceInfo
    {
        public int Version;
        public nint Name;
        public int HostApi;
        public int Inputs;
        public int Outputs;
        public double LowInputLatency, LowOutputLatency, HighInputLatency, HighOutputLatency;
        public double SampleRate;
    }

    /// <summary>PaStreamParameters.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StreamParameters
    {
        public int Device;
        public int Channels;
        public nuint Format;
        public double Latency;
        public nint HostApi;
    }

    /// <summary>PaStreamInfo.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StreamInfo
    {
        public int Version;
        public double InputLatency, OutputLatency, SampleRate;
    }
}

/// <summary>An open stream; closing it waits for its callback to end.</summary>
internal sealed class PortAudioStream() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        _ = PortAudioNative.Abort(handle);
        return PortAudioNative.Close(handle) == 0;
    }
}
