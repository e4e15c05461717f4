using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Native;

/// <summary>Has a library that is loaded call another function where it calls one by name: in this library alone, on 64-bit Linux (ELF).</summary>
internal static unsafe partial class ImportPatch
{
    private const int LinkMap = 2, ReadWrite = 3;

    // Tags of the dynamic section.
    private const long End = 0, TableSize = 2, Strings = 5, Symbols = 6, Table = 23;

    /// <summary>Replaces <paramref name="name"/> among the functions that the library calls by its table.</summary>
    /// <param name="library">From <see cref="NativeLibrary"/>.</param>
    /// <param name="name">What it calls.</param>
    /// <param name="replacement">Of the same signature.</param>
    /// <returns>False where the library calls no such function, or is of another system.</returns>
    public static bool Replace(nint library, string name, nint replacement)
    {
        if (!OperatingSystem.IsLinux() || nint.Size != 8 || Info(library, LinkMap, out var map) != 0)
            return false;
        DynamicEntry* entry = map->Dynamic;
        Relocation* table = null;
        Symbol* symbols = null;
        byte* strings = null;
        long size = 0;
        for (; entry->Tag != End; entry++)
        {
            switch (entry->Tag)
            {
                case Table: table = (Relocation*)entry->Value; break;
                case TableSize: size = entry->Value; break;
                case Symbols: symbols = (Symbol*)entry->Value; break;
                case Strings: strings = (byte*)entry->Value; break;
            }
        }

        if (table is null || symbols is null || strings is null)
            return false;
        for (var relocation = table; (byte*)relocation < (byte*)table + size; relocation++)
        {
            if (Marshal.PtrToStringUTF8((nint)(strings + symbols[relocation->Info >> 32].Name)) != name)
                continue;
            var slot = (nint*)(map->Base + relocation->Offset);
            var page = (nint)slot & ~(nint)(Environment.SystemPageSize - 1);
            if (Protect(page, (nuint)Environment.SystemPageSize, ReadWrite) != 0)
                return false;
            *slot = replacement;
            return true;
        }

        return false;
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
