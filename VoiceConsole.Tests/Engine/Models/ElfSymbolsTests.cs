using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Models;

public sealed class ElfSymbolsTests : IDisposable
{
    private const int HeaderSize = 64, SectionSize = 64, SymbolSize = 24, Sections = HeaderSize, Symbols = Sections + 2 * SectionSize;
    private const byte Global = 0x10, Weak = 0x20;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void UndefinedSymbolsOfThePrefix_BecomeWeak_AndNothingElseChanges()
    {
        var elf = Elf(("napi_create", 0), ("malloc", 0), ("napi_defined_here", 1), ("napi_throw", 0));
        var expected = elf.ToArray();
        expected[Info(0)] = expected[Info(3)] = Weak;

        var (changed, after) = Weaken(elf);
        Assert.Equal(2, changed);
        Assert.Equal(expected, after);
        Assert.Equal(0, Weaken(after).Changed);
    }

    [Fact]
    public void FileCutOffAnywhere_IsInvalidData_AndIsLeftAsItWas()
    {
        var elf = Elf(("napi_create", 0), ("malloc", 0));
        for (var length = 0; length < elf.Length - "malloc\0".Length; length++)
            AssertRefused(elf[..length]);
    }

    [Theory]
    [InlineData(0x28, long.MaxValue)] // where the sections are
    [InlineData(0x28, -1L)]
    [InlineData(0x28, (1L << 32) + Sections)]
    [InlineData(Sections + 0x18, 1L << 40)] // where the symbols are
    [InlineData(Sections + 0x18, -64L)]
    [InlineData(Sections + 0x20, 1L << 31)] // how many bytes of symbols
    [InlineData(Sections + 0x28, 0x7FFF_FFFFL)] // which section has the names
    [InlineData(Symbols, 0x10_7FFF_FFFFL)] // where the name is
    public void LyingOffset_IsInvalidData(int at, long value)
    {
        var elf = Elf(("napi_create", 0), ("malloc", 0));
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(at), value);
        AssertRefused(elf);
    }

    [Fact]
    public void OtherFiles_AreInvalidData()
    {
        AssertRefused(Encoding.ASCII.GetBytes("#!/bin/sh\n" + new string('x', 500)));
        var thirtyTwoBit = Elf(("napi_create", 0));
        thirtyTwoBit[4] = 1;
        AssertRefused(thirtyTwoBit);
        var stripped = Elf(("napi_create", 0));
        stripped[Sections + 4] = 2;
        AssertRefused(stripped);
    }

    [Fact]
    public void AnyDamage_IsInvalidDataOrHarmless()
    {
        var elf = Elf(("napi_create", 0), ("malloc", 0), ("napi_throw", 0));
        Gen.Select(Gen.Int[0, elf.Length - 1], Gen.Byte).Array[1, 12].Sample(
            damage =>
            {
                var damaged = elf.ToArray();
                foreach (var (at, value) in damage)
                    damaged[at] = value;
                try
                {
                    var (changed, after) = Weaken(damaged);
                    Assert.True(after.Length == damaged.Length && after.Where((b, i) => b != damaged[i]).Count() == changed);
                }
                catch (InvalidDataException)
                {
                    Assert.Equal(damaged, File.ReadAllBytes(_folder / "x.node"));
                }
            },
            iter: 600, threads: 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PartToBeWeakened_IsWeakenedOrRefused(bool sound)
    {
        var elf = Elf(("napi_create", 0));
        var content = sound ? elf : elf[..100];
        await File.WriteAllBytesAsync(_folder / "addon.node", content, TestContext.Current.CancellationToken);
        var archive = new PartArchive(_folder / "addon.node", "1", Convert.ToHexStringLower(SHA256.HashData(content)), content.Length);
        var catalog = new ModelCatalog([new CatalogPart("addon", "canceller", "An add-on", "MIT", PartSource.File, [archive], Weaken: "napi_")]);
        var store = new ModelStore(new ConsolePaths(_folder / "home"), catalog, null);

        if (sound)
        {
            var part = await store.RequireAsync("addon", null, TestContext.Current.CancellationToken);
            Assert.Equal(Weak, (await File.ReadAllBytesAsync(Path.Combine(part.Folder, "addon.node"), TestContext.Current.CancellationToken))[Info(0)]);
        }
        else
        {
            var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => store.RequireAsync("addon", null, TestContext.Current.CancellationToken));
            Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
            Assert.False(store.List().Single().IsInstalled);
        }
    }

    private static int Info(int symbol) => Symbols + symbol * SymbolSize + 4;

    private void AssertRefused(byte[] elf)
    {
        Assert.Throws<InvalidDataException>(() => Weaken(elf));
        Assert.Equal(elf, File.ReadAllBytes(_folder / "x.node"));
    }

    private (int Changed, byte[] After) Weaken(byte[] elf)
    {
        var file = _folder / "x.node";
        File.WriteAllBytes(file, elf);
        var changed = ElfSymbols.Weaken(file, "napi_");
        return (changed, File.ReadAllBytes(file));
    }

    // Header, the sections .dynsym and .dynstr, the symbols, the names.
    private static byte[] Elf(params (string Name, ushort Section)[] symbols)
    {
        var names = Encoding.ASCII.GetBytes("\0" + string.Concat(symbols.Select(s => s.Name + "\0")));
        var elf = new byte[Symbols + symbols.Length * SymbolSize + names.Length];
        var at = elf.AsSpan();
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(at);
        BinaryPrimitives.WriteInt64LittleEndian(at[0x28..], Sections);
        BinaryPrimitives.WriteUInt16LittleEndian(at[0x3A..], SectionSize);
        BinaryPrimitives.WriteUInt16LittleEndian(at[0x3C..], 2);
        Section(at[Sections..], type: 11, Symbols, symbols.Length * SymbolSize, link: 1);
        Section(at[(Sections + SectionSize)..], type: 3, Symbols + symbols.Length * SymbolSize, names.Length, link: 0);
        var name = 1;
        for (var i = 0; i < symbols.Length; i++)
        {
            var symbol = at[(Symbols + i * SymbolSize)..];
            BinaryPrimitives.WriteInt32LittleEndian(symbol, name);
            symbol[4] = Global;
            BinaryPrimitives.WriteUInt16LittleEndian(symbol[6..], symbols[i].Section);
            name += symbols[i].Name.Length + 1;
        }

        names.CopyTo(at[(elf.Length - names.Length)..]);
        return elf;

        static void Section(Span<byte> section, int type, long offset, long size, int link)
        {
            BinaryPrimitives.WriteInt32LittleEndian(section[4..], type);
            BinaryPrimitives.WriteInt64LittleEndian(section[0x18..], offset);
            BinaryPrimitives.WriteInt64LittleEndian(section[0x20..], size);
            BinaryPrimitives.WriteInt32LittleEndian(section[0x28..], link);
        }
    }
}
