using System.Buffers.Binary;
using System.Text;

namespace VoiceConsole.Engine.Models;

/// <summary>
/// Lets a Node add-on load outside Node: its undefined symbols of Node's interface are made weak, so that the loader leaves
/// them empty. One byte each in the dynamic symbol table; nothing that is called by the console uses them.
/// </summary>
internal static class ElfSymbols
{
    private const int DynamicSymbols = 11, SymbolSize = 24;
    private const byte Global = 1, Weak = 2;

    /// <summary>Changes the file; returns how many symbols were made weak.</summary>
    /// <exception cref="InvalidDataException">Not a 64-bit little-endian ELF file with a dynamic symbol table.</exception>
    public static int Weaken(string file, string prefix)
    {
        var bytes = File.ReadAllBytes(file);
        try
        {
            var changed = Weaken(bytes, Encoding.ASCII.GetBytes(prefix));
            File.WriteAllBytes(file, bytes);
            return changed;
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException($"{file} is damaged: its tables lie outside it.", error);
        }
    }

    private static int Weaken(Span<byte> elf, ReadOnlySpan<byte> prefix)
    {
        if (elf.Length < 64 || !elf[..6].SequenceEqual(new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1 }))
            throw new InvalidDataException("Not a 64-bit little-endian ELF file.");
        var sections = checked((int)BinaryPrimitives.ReadInt64LittleEndian(elf[0x28..]));
        int size = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x3A..]), count = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x3C..]);
        for (var i = 0; i < count; i++)
        {
            var section = elf.Slice(checked(sections + i * size), size);
            if (BinaryPrimitives.ReadInt32LittleEndian(section[4..]) != DynamicSymbols)
                continue;
            var names = Content(elf, elf.Slice(checked(sections + BinaryPrimitives.ReadInt32LittleEndian(section[0x28..]) * size), size));
            var symbols = Content(elf, section);
            var changed = 0;
            for (; symbols.Length >= SymbolSize; symbols = symbols[SymbolSize..])
            {
                var undefined = BinaryPrimitives.ReadUInt16LittleEndian(symbols[6..]) == 0;
                if (!undefined || symbols[4] >> 4 != Global || !names[BinaryPrimitives.ReadInt32LittleEndian(symbols)..].StartsWith(prefix))
                    continue;
                symbols[4] = (byte)(Weak << 4 | symbols[4] & 0xF);
                changed++;
            }

            return changed;
        }

        throw new InvalidDataException("The file has no dynamic symbol table.");
    }

    private static Span<byte> Content(Span<byte> elf, ReadOnlySpan<byte> section) =>
        elf.Slice(checked((int)BinaryPrimitives.ReadInt64LittleEndian(section[0x18..])), checked((int)BinaryPrimitives.ReadInt64LittleEndian(section[0x20..])));
}
