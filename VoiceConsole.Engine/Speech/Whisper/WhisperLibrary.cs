using System.Runtime.InteropServices;
using VoiceConsole.Engine.Native;
using Whisper.net;
using Whisper.net.LibraryLoader;

namespace VoiceConsole.Engine.Speech.Whisper;

/// <summary>whisper.cpp's library, from the store's folder. Its own ggml has names of its own, so it lives beside llama.cpp's.</summary>
internal static class WhisperLibrary
{
    private const string Library = "whisper";

    // Each needs those before it.
    private static readonly string[] s_parts = ["ggml-base-whisper", "ggml-cpu-whisper", "ggml-blas-whisper", "ggml-metal-whisper", "ggml-whisper", Library];

    private static readonly Lock s_lock = new();

    /// <param name="folders">Of the installed part "whisper".</param>
    /// <exception cref="DllNotFoundException">It cannot be loaded; the message is the loader's.</exception>
    public static void Load(IReadOnlyList<string> folders)
    {
        lock (s_lock)
        {
            if (NativeLibraries.IsLoaded(Library))
                return;
            foreach (var part in s_parts)
            {
                // Which helpers there are depends on the platform.
                if (part == Library || folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, FileOf(part), SearchOption.AllDirectories)).Any())
                    NativeLibraries.Load(part, FileOf(part), [.. folders]);
            }

            NativeLibrary.SetDllImportResolver(typeof(WhisperFactory).Assembly, (name, _, _) => name == "libwhisper" ? NativeLibraries.Load(Library, FileOf(Library)) : 0);
            RuntimeOptions.LoadedLibrary = RuntimeLibrary.Cpu;
        }
    }

    private static string FileOf(string part) => OperatingSystem.IsWindows() ? $"{part}.dll" : OperatingSystem.IsMacOS() ? $"lib{part}.dylib" : $"lib{part}.so";
}
