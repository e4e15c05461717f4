using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Language.Llama;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>How well the model foretold the windows it was given.</summary>
/// <param name="Loss">Mean cross-entropy of a token, in nats.</param>
/// <param name="Accuracy">Share of tokens that it held the likeliest, 0 to 1.</param>
internal readonly record struct WindowScore(double Loss, double Accuracy);

/// <summary>A model with writable weights and its optimiser (AdamW), by llama.cpp. Not thread-safe.</summary>
internal sealed unsafe class TrainableModel : IDisposable
{
    private const int AdamW = 0;

    private readonly LlamaModel _model;
    private readonly nint _context;
    private readonly nint _score;

    // Native code asks here for the rate of its next step.
    private readonly OptNative.Step[] _step = GC.AllocateArray<OptNative.Step>(1, pinned: true);

    /// <param name="ggufFile">F32 weights.</param>
    /// <param name="folders">Folders of the installed part "llama".</param>
    /// <param name="windowTokens">Tokens of a window, a multiple of <see cref="FineTuneOptions.WindowUnit"/>.</param>
    /// <param name="stepTokens">Tokens after which the weights are changed; divides a window.</param>
    /// <param name="threads">Processor threads.</param>
    /// <exception cref="InvalidDataException">The file is no model that llama.cpp can load.</exception>
    public TrainableModel(string ggufFile, IReadOnlyList<string> folders, int windowTokens, int stepTokens, int threads)
    {
        _model = new LlamaModel(ggufFile, folders, isWritable: true);
        try
        {
            WindowTokens = windowTokens;
            var parameters = LlamaNative.ContextDefaults();
            parameters.ContextTokens = (uint)windowTokens;
            parameters.BatchTokens = parameters.MicroBatchTokens = (uint)stepTokens;
            parameters.Threads = parameters.BatchThreads = threads;
            // There is no way back through flash attention or half precision.
            parameters.FlashAttention = 0;
            parameters.KeyType = parameters.ValueType = 0;
            _context = LlamaNative.ContextCreate(_model.DangerousGetHandle(), parameters);
            if (_context == 0)
                throw new InvalidOperationException($"llama.cpp cannot train with windows of {windowTokens} tokens: {LlamaNative.LastError}");
            // Learning computes with as many threads as the last reading did; without one it would be four, on any machine.
            var token = 0;
            if (LlamaNative.Decode(_context, LlamaNative.BatchOf(&token, 1)) != 0)
                throw new InvalidOperationException($"llama.cpp cannot read with this model: {LlamaNative.LastError}");
            OptNative.Begin(_context, _model.DangerousGetHandle(), new OptNative.Settings
            {
                IsTrained = &IsTrained,
                NextStep = &NextStep,
                NextStepData = Marshal.UnsafeAddrOfPinnedArrayElement(_step, 0),
                Optimizer = AdamW,
            });
            _score = OptNative.ResultCreate();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int WindowTokens { get; }

    /// <summary>The tokens of a text with the special tokens in it taken as such.</summary>
    public int[] Tokenize(string text) => _model.Tokenize(text, addSpecial: false, parseSpecial: true);

    /// <summary>Changes the weights after every step of the windows. Returns how well each was foretold before it.</summary>
    public WindowScore Learn(TokenWindows windows, ReadOnlySpan<int> which, double rate, double decay)
    {
        _step[0] = new OptNative.Step { Rate = (float)rate, Beta1 = 0.9f, Beta2 = 0.95f, Epsilon = 1e-8f, Decay = (float)decay };
        return Run(windows, which, learns: true);
    }

    /// <summary>How well the windows are foretold; nothing is learnt.</summary>
    public WindowScore Measure(TokenWindows windows, ReadOnlySpan<int> which) => Run(windows, which, learns: false);

    /// <summary>Writes the model as it is now; the file appears whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string file)
    {
        var partial = file + ".partial";
        try
        {
            // llama.cpp ends the process when it cannot write: a full disk must be seen before.
            var needed = new FileInfo(file).Directory is { Exists: true } folder ? new DriveInfo(folder.FullName).AvailableFreeSpace : throw new DirectoryNotFoundException($"There is no folder for {file}.");
            if (needed < _model.FileBytes)
                throw new IOException($"{Path.GetFileName(file)} needs {_model.FileBytes / 1_000_000} MB and the disk has {needed / 1_000_000} MB free. Make room and go on.");
            OptNative.Save(_model.DangerousGetHandle(), partial);
            File.Move(partial, file, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    public void Dispose()
    {
        if (_score != 0)
            OptNative.ResultFree(_score);
        if (_context != 0)
            LlamaNative.ContextFree(_context);
        _model.Dispose();
    }

    private WindowScore Run(TokenWindows windows, ReadOnlySpan<int> which, bool learns)
    {
        if (windows.Length != WindowTokens)
            throw new ArgumentException($"Windows have {WindowTokens} tokens here, not {windows.Length}.", nameof(windows));
        var native = OptNative.WindowsCreate(OptNative.Int32, OptNative.Int32, WindowTokens, WindowTokens, which.Length, 1);
        try
        {
            var tokens = new Span<int>(OptNative.Data(OptNative.WindowsTokens(native)), which.Length * WindowTokens);
            var labels = new Span<int>(OptNative.Data(OptNative.WindowsLabels(native)), which.Length * WindowTokens);
            for (var i = 0; i < which.Length; i++)
            {
                windows.Tokens(which[i]).CopyTo(tokens[(i * WindowTokens)..]);
                windows.Labels(which[i]).CopyTo(labels[(i * WindowTokens)..]);
            }

            OptNative.ResultReset(_score);
            OptNative.Run(_context, native, _score, _score, learns ? which.Length : 0, 0, 0);
            double loss, accuracy, uncertainty;
            OptNative.ResultLoss(_score, &loss, &uncertainty);
            OptNative.ResultAccuracy(_score, &accuracy, &uncertainty);
            return new WindowScore(loss, accuracy);
        }
        finally
        {
            OptNative.WindowsFree(native);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte IsTrained(nint tensor, nint data) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static OptNative.Step NextStep(nint step) => *(OptNative.Step*)step;
}
