using System.Runtime.InteropServices;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Native;
using Whisper.net;
using Whisper.net.LibraryLoader;

namespace VoiceConsole.Engine.Speech.Whisper;

/// <summary>whisper.cpp's library, from the store's folder. Its own ggml has names of its own, so it lives beside llama.cpp's.</summary>
internal static partial class WhisperLibrary
{
    private const string Library = "whisper";

    // Each needs those before it.
    private static readonly string[] s_parts = ["ggml-base-whisper", "ggml-cpu-whisper", "ggml-blas-whisper", "ggml-metal-whisper", "ggml-whisper", Library];

    private static readonly Lock s_lock = new();

    /// <param name="folders">Of the installed part "whisper".</param>
    /// <exception cref="DllNotFoundException">It cannot be loaded; the message is the loader's.</exception>
    /// <exception cref="ModelUnavailableException">The machine lacks a library it needs.</exception>
    public static void Load(IReadOnlyList<string> folders)
    {
        lock (s_lock)
        {
            if (NativeLibraries.IsLoaded(Library))
                return;
            // Its threads wait for each other asleep: spinning, they would take the processor from the rest of the conversation.
            if (OperatingSystem.IsLinux())
                _ = SetEnvironment("OMP_WAIT_POLICY", "passive", 0);
            try
            {
                foreach (var part in s_parts)
                {
                    // Which helpers there are depends on the platform.
                    if (part == Library || folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, FileOf(part), SearchOption.AllDirectories)).Any())
                        NativeLibraries.Load(part, FileOf(part), [.. folders]);
                }
            }
            catch (DllNotFoundException error) when (error.Message.Contains("libgomp", StringComparison.Ordinal))
            {
                throw new ModelUnavailableException("whisper.cpp needs GCC's OpenMP library (libgomp), which is not on this machine.", "Install it, on Debian by 'apt-get install libgomp1', then try again.", error);
            }

            NativeLibrary.SetDllImportResolver(typeof(WhisperFactory).Assembly, (name, _, _) => name == "libwhisper" ? NativeLibraries.Load(Library, FileOf(Library)) : 0);
            RuntimeOptions.LoadedLibrary = RuntimeLibrary.Cpu;
        }
    }

    // The runtime's own changes its copy only, which native code does not see.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    private static string FileOf(string part) => OperatingSystem.IsWindows() ? $"{part}.dll" : OperatingSystem.IsMacOS() ? $"lib{part}.dylib" : $"lib{part}.so";
}
