using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Training.Export;

/// <summary>Writes a model again with a card in its head.</summary>
public static unsafe class CardWriter
{
    /// <param name="source">A GGUF file; read into memory as a whole.</param>
    /// <param name="target">Written or overwritten; appears whole or not at all.</param>
    /// <param name="folders">Folders of the installed part "llama".</param>
    /// <exception cref="InvalidDataException">The source is no whole GGUF file.</exception>
    /// <exception cref="IOException">The target cannot be written.</exception>
    public static void Write(string source, string target, ModelCard card, IReadOnlyList<string> folders)
    {
        ArgumentNullException.ThrowIfNull(card);
        var names = GgufReader.Read(source).Tensors.Keys;
        LlamaNative.Load(folders);
        nint tensors;
        using var read = GgmlHandle.Of(GgmlNative.FileRead(source, new GgmlNative.FileParams { Context = &tensors }), GgmlNative.FileFree);
        using var kept = GgmlHandle.Of(tensors, GgmlNative.ContextFree);
        using var made = GgmlHandle.Of(GgmlNative.FileCreate(), GgmlNative.FileFree);
        GgmlNative.FileCopyHead(made.Pointer, read.Pointer);
        GgmlNative.FileSet(made.Pointer, "general.type", "model");
        GgmlNative.FileSet(made.Pointer, "general.name", card.Name);
        GgmlNative.FileSet(made.Pointer, "general.description", card.Description);
        GgmlNative.FileSet(made.Pointer, "general.license", card.Licence);
        GgmlNative.FileSetList(made.Pointer, "general.languages", [.. card.Languages], (nuint)card.Languages.Count);
        GgmlNative.FileSetList(made.Pointer, "general.datasets", [.. card.Datasets], (nuint)card.Datasets.Count);
        GgmlNative.FileSet(made.Pointer, ModelCard.TextKey, card.Text);
        foreach (var name in names)
            GgmlNative.FileAdd(made.Pointer, GgmlNative.Find(tensors, name));
        WriteWhole(made.Pointer, target);
    }

    /// <summary>Writes what ggml holds as a file, which appears whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal static void WriteWhole(nint gguf, string file)
    {
        var partial = file + ".partial";
        try
        {
            if (GgmlNative.FileWrite(gguf, partial, 0) == 0)
                throw new IOException($"{Path.GetFileName(file)} cannot be written. Make room on the disk and go on.");
            GgufReader.Read(partial);
            File.Move(partial, file, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
