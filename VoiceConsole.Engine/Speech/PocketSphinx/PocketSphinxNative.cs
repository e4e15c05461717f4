using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Speech.PocketSphinx;

/// <summary>PocketSphinx' C interface (5 prealpha), as far as it is used.</summary>
internal static unsafe partial class PocketSphinxNative
{
    public const string Library = "pocketsphinx", BaseLibrary = "sphinxbase";

    [LibraryImport(Library, EntryPoint = "ps_args")]
    public static partial nint Arguments();

    [LibraryImport(BaseLibrary, EntryPoint = "cmd_ln_parse_r")]
    public static partial nint Parse(nint settings, nint definitions, int count, byte** values, int strict);

    [LibraryImport(BaseLibrary, EntryPoint = "cmd_ln_free_r")]
    public static partial int FreeSettings(nint settings);

    [LibraryImport(Library, EntryPoint = "ps_init")]
    public static partial PocketSphinxDecoder Create(nint settings);

    [LibraryImport(Library, EntryPoint = "ps_free")]
    public static partial int Free(nint decoder);

    [LibraryImport(Library, EntryPoint = "ps_start_utt")]
    public static partial int Start(PocketSphinxDecoder decoder);

    [LibraryImport(Library, EntryPoint = "ps_process_raw")]
    public static partial int Process(PocketSphinxDecoder decoder, short* samples, nuint count, int noSearch, int fullUtterance);

    [LibraryImport(Library, EntryPoint = "ps_end_utt")]
    public static partial int End(PocketSphinxDecoder decoder);

    [LibraryImport(Library, EntryPoint = "ps_get_hyp")]
    public static partial nint Hypothesis(PocketSphinxDecoder decoder, out int score);
}

/// <summary>A decoder with its model.</summary>
internal sealed class PocketSphinxDecoder() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        _ = PocketSphinxNative.Free(handle);
        return true;
    }
}
