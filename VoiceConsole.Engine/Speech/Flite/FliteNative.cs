using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Speech.Flite;

/// <summary>flite's C interface, as far as it is used.</summary>
internal static partial class FliteNative
{
    public const string Library = "flite";

    [LibraryImport(Library, EntryPoint = "flite_init")]
    public static partial int Init();

    [LibraryImport(Library, EntryPoint = "flite_synth_text", StringMarshalling = StringMarshalling.Utf8)]
    public static partial FliteUtterance Synthesize(string text, nint voice);

    [LibraryImport(Library, EntryPoint = "delete_utterance")]
    public static partial void Delete(nint utterance);

    [LibraryImport(Library, EntryPoint = "utt_wave")]
    public static partial nint Wave(FliteUtterance utterance);

    [LibraryImport(Library, EntryPoint = "utt_relation", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Relation(FliteUtterance utterance, string name);

    [LibraryImport(Library, EntryPoint = "relation_head")]
    public static partial nint Head(nint relation);

    [LibraryImport(Library, EntryPoint = "item_next")]
    public static partial nint Next(nint item);

    [LibraryImport(Library, EntryPoint = "ffeature_float", StringMarshalling = StringMarshalling.Utf8)]
    public static partial float Float(nint item, string path);

    [LibraryImport(Library, EntryPoint = "ffeature_string", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Text(nint item, string path);

    /// <summary>The head of cst_wave; the samples lie elsewhere.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct WaveHeader
    {
        public nint Type;
        public int SampleRate;
        public int Samples;
        public int Channels;
        public nint Data;
    }
}

/// <summary>An utterance that flite made.</summary>
internal sealed class FliteUtterance() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        FliteNative.Delete(handle);
        return true;
    }
}
