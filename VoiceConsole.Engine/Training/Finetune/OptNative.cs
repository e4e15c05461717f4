using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>The training functions of llama.cpp and ggml.</summary>
internal static unsafe partial class OptNative
{
    private const string Llama = "llama", Base = "ggml-base";

    /// <summary>Type number of 32-bit integers.</summary>
    public const int Int32 = 26;

    [LibraryImport(Llama, EntryPoint = "llama_opt_init")]
    public static partial void Begin(nint context, nint model, Settings settings);

    /// <summary>Learns from the first <paramref name="split"/> windows, then measures on the rest.</summary>
    [LibraryImport(Llama, EntryPoint = "llama_opt_epoch")]
    public static partial void Run(nint context, nint windows, nint learnt, nint measured, long split, nint afterLearning, nint afterMeasuring);

    [LibraryImport(Llama, EntryPoint = "llama_model_save_to_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void Save(nint model, string file);

    [LibraryImport(Base, EntryPoint = "ggml_opt_dataset_init")]
    public static partial nint WindowsCreate(int dataType, int labelType, long dataLength, long labelLength, long count, long shard);

    [LibraryImport(Base, EntryPoint = "ggml_opt_dataset_free")]
    public static partial void WindowsFree(nint windows);

    [LibraryImport(Base, EntryPoint = "ggml_opt_dataset_data")]
    public static partial nint WindowsTokens(nint windows);

    [LibraryImport(Base, EntryPoint = "ggml_opt_dataset_labels")]
    public static partial nint WindowsLabels(nint windows);

    [LibraryImport(Base, EntryPoint = "ggml_get_data")]
    public static partial int* Data(nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_opt_result_init")]
    public static partial nint ResultCreate();

    [LibraryImport(Base, EntryPoint = "ggml_opt_result_free")]
    public static partial void ResultFree(nint result);

    [LibraryImport(Base, EntryPoint = "ggml_opt_result_reset")]
    public static partial void ResultReset(nint result);

    [LibraryImport(Base, EntryPoint = "ggml_opt_result_loss")]
    public static partial void ResultLoss(nint result, double* loss, double* uncertainty);

    [LibraryImport(Base, EntryPoint = "ggml_opt_result_accuracy")]
    public static partial void ResultAccuracy(nint result, double* accuracy, double* uncertainty);

    [StructLayout(LayoutKind.Sequential)]
    public struct Settings
    {
        public uint ContextTokens;
        public delegate* unmanaged[Cdecl]<nint, nint, byte> IsTrained;
        public nint IsTrainedData;
        public delegate* unmanaged[Cdecl]<nint, Step> NextStep;
        public nint NextStepData;
        public int Optimizer;
    }

    /// <summary>One step of AdamW; the last two are for another optimiser.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Step
    {
        public float Rate, Beta1, Beta2, Epsilon, Decay, PlainRate, PlainDecay;
    }
}
