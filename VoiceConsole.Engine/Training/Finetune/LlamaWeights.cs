using VoiceConsole.Engine.Training.Export;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>The weights of a GGUF file in this process's memory, to be changed and written again with all else that the file says.</summary>
internal sealed unsafe class LlamaWeights : IDisposable
{
    private readonly GgmlHandle _tensors, _file;

    /// <param name="ggufFile">F32 weights, checked before by <see cref="TrainableBase"/>.</param>
    /// <exception cref="InvalidDataException">ggml cannot read it.</exception>
    public LlamaWeights(string ggufFile, TrainableBase shape)
    {
        Base = shape;
        nint tensors;
        var file = GgmlNative.FileRead(ggufFile, new GgmlNative.FileParams { Context = &tensors });
        if (file == 0)
            throw new InvalidDataException($"{Path.GetFileName(ggufFile)} cannot be read by ggml.");
        using var read = GgmlHandle.Of(file, GgmlNative.FileFree);
        _tensors = GgmlHandle.Of(tensors, GgmlNative.ContextFree);
        _file = GgmlHandle.Of(GgmlNative.FileCreate(), GgmlNative.FileFree);
        GgmlNative.FileCopyHead(_file.Pointer, file);
        foreach (var name in shape.TensorNames)
            GgmlNative.FileAdd(_file.Pointer, this[name]);
        Learnt = [.. shape.LearntNames.Select(name => this[name])];
        foreach (var tensor in Learnt)
            GgmlNative.SetLearnt(tensor);
    }

    public TrainableBase Base { get; }

    /// <summary>All tensors that are trained.</summary>
    public IReadOnlyList<nint> Learnt { get; }

    /// <summary>The tensor of this name.</summary>
    public nint this[string name] => GgmlNative.Find(_tensors.Pointer, name);

    /// <summary>The values of a tensor of 32-bit floats.</summary>
    public static Span<float> Values(nint tensor) => new(GgmlNative.Data(tensor), checked((int)GgmlNative.Count(tensor)));

    /// <summary>Writes the model as it is now; the file appears whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string file) => CardWriter.WriteWhole(_file.Pointer, file);

    public void Dispose()
    {
        _file.Dispose();
        _tensors.Dispose();
    }
}
