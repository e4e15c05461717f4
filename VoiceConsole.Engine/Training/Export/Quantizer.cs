using System.Runtime.InteropServices;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.Export;

/// <summary>How the weights of an exported model are stored; the numbers are llama.cpp's.</summary>
public enum WeightFormat
{
    F32 = 0,
    F16 = 1,
    Q80 = 7,
    Q2K = 10,
    Q4KM = 15,
    Q6K = 18,
}

/// <summary>Writes a model again with smaller weights, by llama.cpp.</summary>
public static partial class Quantizer
{
    private const string Library = "llama";
    private const int DefaultFormat = 7;

    /// <summary>Reads <paramref name="source"/> (F32 or F16) and writes <paramref name="target"/>, which appears whole or not at all.</summary>
    /// <param name="folders">Folders of the installed part "llama".</param>
    /// <exception cref="InvalidDataException">The source is no whole GGUF file, or one that was quantised before.</exception>
    /// <exception cref="IOException">The target cannot be written.</exception>
    public static unsafe void Write(string source, string target, WeightFormat format, int threads, IReadOnlyList<string> folders)
    {
        GgufReader.Read(source);
        LlamaNative.Load(folders);
        var parameters = Defaults();
        // Another version of the library with another layout must not be called with this one.
        if (parameters.Format != DefaultFormat || parameters.Threads != 0)
            throw new DllNotFoundException("llama.cpp is of another version than the one this program knows. Fetch it again with 'models pull llama'.");
        parameters.Format = (int)format;
        parameters.Threads = threads;
        var partial = target + ".partial";
        try
        {
            if (Quantize(source, partial, &parameters) != 0)
                throw new InvalidDataException($"llama.cpp cannot store {Path.GetFileName(source)} as {format}: {LlamaNative.LastError}");
            File.Move(partial, target, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    [LibraryImport(Library, EntryPoint = "llama_model_quantize_default_params")]
    private static partial Parameters Defaults();

    [LibraryImport(Library, EntryPoint = "llama_model_quantize", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial uint Quantize(string source, string target, Parameters* parameters);

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Parameters
    {
        [FieldOffset(0)] public int Threads;
        [FieldOffset(4)] public int Format;
    }
}
