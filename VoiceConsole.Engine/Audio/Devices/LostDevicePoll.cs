using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// Lets a stream be ended whose device is no longer there. When ALSA says so while PortAudio (19.6, and 19.7 as well) waits for sound,
/// its thread repeats the complaint for ever, as fast as it can, and cannot be stopped; later sources have that mended, no release
/// has. Told that nothing has come yet, it goes on asking, and that can be broken off.
/// </summary>
internal static unsafe class LostDevicePoll
{
    private static delegate* unmanaged[Cdecl]<nint, void*, uint, ushort*, int> s_ask;

    /// <summary>Has PortAudio ask here. Does nothing where PortAudio is no ELF library for 64 bits, or does not ask ALSA.</summary>
    /// <param name="portAudio">The loaded library.</param>
    /// <param name="alsa">The one that it is bound to.</param>
    public static void Use(nint portAudio, nint alsa)
    {
        const string Question = "snd_pcm_poll_descriptors_revents";
        if (!NativeLibrary.TryGetExport(alsa, Question, out var ask))
            return;
        s_ask = (delegate* unmanaged[Cdecl]<nint, void*, uint, ushort*, int>)ask;
        _ = ImportPatch.Replace(portAudio, Question, (nint)(delegate* unmanaged[Cdecl]<nint, void*, uint, ushort*, int>)&Ask);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Ask(nint device, void* descriptors, uint count, ushort* events)
    {
        var result = s_ask(device, descriptors, count, events);
        if (result >= 0)
            return result;
        *events = 0;
        // A lost device's descriptors are ready at once, each time; there is no sound that this would delay.
        Thread.Sleep(1);
        return 0;
    }
}
