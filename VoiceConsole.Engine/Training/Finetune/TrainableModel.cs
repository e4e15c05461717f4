using VoiceConsole.Engine.Language.Llama;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>A model that learns: its weights, the way through them and back, and its optimiser. Not thread-safe.</summary>
internal sealed class TrainableModel : IDisposable
{
    private readonly int _windows;
    private readonly GgmlHandle _backend;
    private readonly LlamaWeights _weights;
    private readonly AdamW _learner;
    private readonly LlamaGraph _learning, _measuring;

    /// <param name="ggufFile">F32 weights.</param>
    /// <param name="folders">Folders of the installed part "llama".</param>
    /// <param name="windows">Windows of a step.</param>
    /// <param name="length">Tokens of a window.</param>
    /// <param name="counted">Tokens that are learnt in a window at most.</param>
    /// <param name="threads">Processor threads.</param>
    /// <exception cref="InvalidDataException">The file is no model that can be trained.</exception>
    /// <exception cref="InvalidOperationException">There is not enough memory.</exception>
    public TrainableModel(string ggufFile, IReadOnlyList<string> folders, int windows, int length, int counted, int threads)
    {
        var shape = TrainableBase.Read(ggufFile);
        shape.CheckMemory(windows * length);
        LlamaNative.Load(folders);
        _windows = windows;
        _backend = GgmlHandle.Of(GgmlNative.BackendCreate(threads), GgmlNative.BackendFree);
        _weights = new LlamaWeights(ggufFile, shape);
        _learner = new AdamW(_weights, _backend.Pointer);
        _learning = new LlamaGraph(_weights, _learner, _backend.Pointer, windows, length, counted);
        _measuring = new LlamaGraph(_weights, null, _backend.Pointer, windows, length, counted);
    }

    /// <summary>Changes the weights once, by the mean gradient of some windows. Returns how well they were foretold before it.</summary>
    /// <param name="which">At most as many as a step has.</param>
    /// <param name="step">Steps taken before.</param>
    public WindowScore Learn(TokenWindows windows, ReadOnlySpan<int> which, long step, double rate, double decay)
    {
        var score = _learning.Run(windows, which);
        return double.IsFinite(_learner.Change(step, rate, decay)) ? score : score with { Nats = double.NaN };
    }

    /// <summary>How well all windows are foretold; nothing is learnt.</summary>
    public WindowScore Measure(TokenWindows windows)
    {
        var all = new WindowScore();
        for (var from = 0; from < windows.Count; from += _windows)
            all += _measuring.Run(windows, [.. Enumerable.Range(from, Math.Min(_windows, windows.Count - from))]);
        return all;
    }

    /// <summary>Writes the model, and beside it what the optimiser must know to go on exactly where it stood.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Save(string ggufFile, string momenta)
    {
        _weights.Save(ggufFile);
        _learner.Save(momenta);
    }

    /// <summary>Goes on with what <see cref="Save"/> wrote.</summary>
    public void LoadMomenta(string file) => _learner.Load(file);

    public void Dispose()
    {
        _measuring.Dispose();
        _learning.Dispose();
        _learner.Dispose();
        _weights.Dispose();
        _backend.Dispose();
    }
}
