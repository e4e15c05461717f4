using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Speech.Flite;

/// <summary>
/// The random numbers that flite makes its noise of. Its own are the C library's, from which other threads of the process draw, too
/// (WebRTC's do, once in a while): the same sentence would not sound the same every time, and no hour would repeat bit for bit.
/// </summary>
internal static unsafe partial class FliteNoise
{
    // The same numbers as glibc's from seed 1: an additive generator with lags 31 and 3, begun by a Lehmer generator, its first 310 thrown away.
    private const int Lag = 31, Near = 3, Thrown = 310;
    private static readonly uint[] s_begin = Begin();
    private static readonly uint[] s_last = new uint[Lag];
    private static int s_at;
    private static bool s_isOurs;

    /// <summary>Has flite draw from here; where that cannot be done it goes on with the C library's.</summary>
    public static void Use(nint library) => s_isOurs |= ImportPatch.Replace(library, "rand", (nint)(delegate* unmanaged[Cdecl]<int>)&Next);

    /// <summary>Begins the numbers again. Who calls it has flite to himself.</summary>
    public static void Restart()
    {
        s_begin.CopyTo(s_last, 0);
        s_at = (Near + Thrown) % Lag;
        if (!s_isOurs)
            Seed(1);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Next()
    {
        s_last[s_at] += s_last[(s_at + Lag - Near) % Lag];
        var next = (int)(s_last[s_at] >> 1);
        s_at = (s_at + 1) % Lag;
        return next;
    }

    private static uint[] Begin()
    {
        var last = new uint[Lag];
        last[0] = 1;
        for (var i = 1; i < Lag; i++)
            last[i] = (uint)(16_807UL * last[i - 1] % int.MaxValue);
        for (var i = Near; i < Near + Thrown; i++)
            last[i % Lag] += last[(i + Lag - Near) % Lag];
        return last;
    }

    [LibraryImport("libc", EntryPoint = "srand")]
    private static partial void Seed(uint seed);
}
