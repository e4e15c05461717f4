using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// Two of ALSA's answers as PortAudio (19.6, and 19.7 as well) can bear them. Told while it waits for sound that a device is no longer
/// there, its thread repeats the complaint for ever, as fast as it can, and cannot be stopped; later sources have that mended, no
/// release has. And a delay that is not known at the moment, as PulseAudio has it on a busy machine, ends the stream.
/// </summary>
internal static unsafe class AlsaAnswers
{
    private const int BrokenPipe = -32;

    private static delegate* unmanaged[Cdecl]<nint, void*, uint, ushort*, int> s_events;
    private static delegate* unmanaged[Cdecl]<nint, nint*, int> s_delay;

    /// <summary>Has PortAudio ask here. Does nothing where PortAudio is no ELF library for 64 bits, or does not ask ALSA.</summary>
    /// <param name="portAudio">The loaded library.</param>
    /// <param name="alsa">The one that it is bound to.</param>
    public static void Use(nint portAudio, nint alsa)
    {
        const string Events = "snd_pcm_poll_descriptors_revents", Delay = "snd_pcm_delay";
        if (!NativeLibrary.TryGetExport(alsa, Events, out var events) || !NativeLibrary.TryGetExport(alsa, Delay, out var delay))
            return;
        s_events = (delegate* unmanaged[Cdecl]<nint, void*, uint, ushort*, int>)events;
        s_delay = (delegate* unmanaged[Cdecl]<nint, nint*, int>)delay;
        _ = ImportPatch.Replace(portAudio, Events, (nint)(delegate* unmanaged[Cdecl]<nint, void*, uint, ushort*, int>)&EventsOf);
        _ = ImportPatch.Replace(portAudio, Delay, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, int>)&DelayOf);
    }

    // A device that is lost has nothing yet: so PortAudio goes on asking, and that can be broken off.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int EventsOf(nint device, void* descriptors, uint count, ushort* events)
    {
        var result = s_events(device, descriptors, count, events);
        if (result >= 0)
            return result;
        *events = 0;
        // Its descriptors are ready at once, each time; there is no sound that this would delay.
        Thread.Sleep(1);
        return 0;
    }

    // What PortAudio takes for "do not wait for the other direction".
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int DelayOf(nint device, nint* frames) => s_delay(device, frames) is var result and >= 0 ? result : BrokenPipe;
}
