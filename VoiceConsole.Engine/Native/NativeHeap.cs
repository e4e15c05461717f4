using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Native;

/// <summary>The memory that native code allocates.</summary>
internal static partial class NativeHeap
{
    private static bool s_isGlibc = OperatingSystem.IsLinux();

    /// <summary>
    /// Gives freed memory back to the system. glibc keeps what a model leaves behind in the arena of the thread that loaded it, so that
    /// a dozen swaps would hold a dozen models' worth.
    /// </summary>
    public static void Trim()
    {
        if (!s_isGlibc)
            return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, which has its own ways.
            s_isGlibc = false;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint keep);
}
