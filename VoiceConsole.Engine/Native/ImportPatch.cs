using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Native;

/// <summary>Has a library that is loaded call another function where it calls one by name: in this library alone, on 64-bit Linux (ELF).</summary>
internal static unsafe partial class ImportPatch
{
    private const int LinkMap = 2, ReadWrite = 3;

    // Tags of the dynamic section.
    private const long End = 0, CallsSize = 2, Strings = 5, Symbols = 6, AddressesTable = 7, AddressesSize = 8, CallsTable = 23;

    /// <summary>Replaces <paramref name="name"/> among the functions that the library calls, or whose addresses it takes from now on.</summary>
    /// <param name="library">From <see cref="NativeLibrary"/>.</param>
    /// <param name="name">What it calls.</param>
    /// <param name="replacement">Of the same signature.</param>
    /// <returns>False where the library calls no such function, or is of another system.</returns>
    public static bool Replace(nint library, string name, nint replacement)
    {
        if (!OperatingSystem.IsLinux() || nint.Size != 8 || Info(library, LinkMap, out var map) != 0)
            return false;
        DynamicEntry* entry = map->Dynamic;
        Relocation* calls = null, addresses = null;
        Symbol* symbols = null;
        byte* strings = null;
        long callsSize = 0, addressesSize = 0;
        for (; entry->Tag != End; entry++)
        {
            switch (entry->Tag)
            {
                case CallsTable: calls = (Relocation*)entry->Value; break;
                case CallsSize: callsSize = entry->Value; break;
                case AddressesTable: addresses = (Relocation*)entry->Value; break;
                case AddressesSize: addressesSize = entry->Value; break;
                case Symbols: symbols = (Symbol*)entry->Value; break;
                case Strings: strings = (byte*)entry->Value; break;
            }
        }

        if (symbols is null || strings is null)
            return false;
        var isReplaced = false;
        foreach (var (table, size) in new[] { ((nint)calls, callsSize), ((nint)addresses, addressesSize) })
        {
            for (var relocation = (Relocation*)table; table != 0 && (nint)relocation < table + size; relocation++)
            {
                if (Marshal.PtrToStringUTF8((nint)(strings + symbols[relocation->Info >> 32].Name)) != name)
                    continue;
                var slot = (nint*)(map->Base + relocation->Offset);
                var page = (nint)slot & ~(nint)(Environment.SystemPageSize - 1);
                if (Protect(page, (nuint)Environment.SystemPageSize, ReadWrite) != 0)
                    return false;
                *slot = replacement;
                isReplaced = true;
            }
        }

        return isReplaced;
    }

    [LibraryImport("libc", EntryPoint = "dlinfo")]
    private static partial int Info(nint library, int request, out Map* map);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [StructLayout(LayoutKind.Sequential)]
    private struct Map
    {
        public nint Base;
        public byte* Name;
        public DynamicEntry* Dynamic;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct DynamicEntry
    {
        public long Tag;
        public long Value;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Relocation
    {
        public nint Offset;
        public ulong Info;
        public long Addend;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Symbol
    {
        public uint Name;
        public byte Kind, Visibility;
        public ushort Section;
        public ulong Value, Size;
    }
}
