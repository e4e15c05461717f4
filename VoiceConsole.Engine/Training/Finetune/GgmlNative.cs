using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>The tensor functions of ggml, which comes with llama.cpp. Tensors and graphs live as long as their context.</summary>
internal static unsafe partial class GgmlNative
{
    public const int F32 = 0, I32 = 26;

    private const string Base = "ggml-base", Ggml = "ggml";
    private const int Processor = 0;

    /// <summary>A processor backend with this many threads.</summary>
    public static nint BackendCreate(int threads)
    {
        var backend = BackendOf(Processor, 0);
        var registry = BackendRegistry(BackendDevice(backend));
        ((delegate* unmanaged[Cdecl]<nint, int, void>)BackendFunction(registry, "ggml_backend_set_n_threads"))(backend, threads);
        return backend;
    }

    [LibraryImport(Base, EntryPoint = "ggml_backend_free")]
    public static partial void BackendFree(nint backend);

    [LibraryImport(Base, EntryPoint = "ggml_backend_graph_compute")]
    public static partial int Compute(nint backend, nint graph);

    [LibraryImport(Base, EntryPoint = "ggml_backend_cpu_buffer_type")]
    public static partial nint ProcessorMemory();

    [LibraryImport(Base, EntryPoint = "ggml_gallocr_new")]
    public static partial nint AllocatorCreate(nint memory);

    [LibraryImport(Base, EntryPoint = "ggml_gallocr_free")]
    public static partial void AllocatorFree(nint allocator);

    [LibraryImport(Base, EntryPoint = "ggml_gallocr_alloc_graph")]
    public static partial byte Allocate(nint allocator, nint graph);

    [LibraryImport(Base, EntryPoint = "ggml_tensor_overhead")]
    public static partial nuint TensorBytes();

    [LibraryImport(Base, EntryPoint = "ggml_graph_overhead_custom")]
    public static partial nuint GraphBytes(nuint nodes, byte hasGradients);

    [LibraryImport(Base, EntryPoint = "ggml_init")]
    public static partial nint ContextCreate(ContextParams parameters);

    [LibraryImport(Base, EntryPoint = "ggml_free")]
    public static partial void ContextFree(nint context);

    [LibraryImport(Base, EntryPoint = "ggml_new_tensor_1d")]
    public static partial nint NewVector(nint context, int type, long count);

    [LibraryImport(Base, EntryPoint = "ggml_new_tensor_4d")]
    public static partial nint New(nint context, int type, long size0, long size1, long size2, long size3);

    [LibraryImport(Base, EntryPoint = "ggml_dup_tensor")]
    public static partial nint NewLike(nint context, nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_get_tensor", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Find(nint context, string name);

    [LibraryImport(Base, EntryPoint = "ggml_get_data")]
    public static partial void* Data(nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_nelements")]
    public static partial long Count(nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_set_param")]
    public static partial void SetLearnt(nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_set_output")]
    public static partial void SetOutput(nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_get_rows")]
    public static partial nint GetRows(nint context, nint matrix, nint rows);

    /// <param name="matrix">Only its shape matters.</param>
    [LibraryImport(Base, EntryPoint = "ggml_get_rows_back")]
    public static partial nint GetRowsBack(nint context, nint gradient, nint rows, nint matrix);

    [LibraryImport(Base, EntryPoint = "ggml_rms_norm")]
    public static partial nint RmsNorm(nint context, nint tensor, float epsilon);

    [LibraryImport(Base, EntryPoint = "ggml_rms_norm_back")]
    public static partial nint RmsNormBack(nint context, nint gradient, nint tensor, float epsilon);

    [LibraryImport(Base, EntryPoint = "ggml_add")]
    public static partial nint Add(nint context, nint a, nint b);

    [LibraryImport(Base, EntryPoint = "ggml_mul")]
    public static partial nint Multiply(nint context, nint a, nint b);

    [LibraryImport(Base, EntryPoint = "ggml_mul_mat")]
    public static partial nint Product(nint context, nint weights, nint values);

    [LibraryImport(Base, EntryPoint = "ggml_swiglu_split")]
    public static partial nint SwiGlu(nint context, nint gate, nint up);

    [LibraryImport(Base, EntryPoint = "ggml_rope_ext")]
    public static partial nint Rotate(
        nint context, nint tensor, nint positions, nint factors, int dimensions, int mode, int trainedContext,
        float baseFrequency, float scale, float extrapolation, float attention, float betaFast, float betaSlow);

    [LibraryImport(Base, EntryPoint = "ggml_rope_ext_back")]
    public static partial nint RotateBack(
        nint context, nint gradient, nint positions, nint factors, int dimensions, int mode, int trainedContext,
        float baseFrequency, float scale, float extrapolation, float attention, float betaFast, float betaSlow);

    [LibraryImport(Base, EntryPoint = "ggml_silu")]
    public static partial nint Silu(nint context, nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_silu_back")]
    public static partial nint SiluBack(nint context, nint gradient, nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_soft_max_ext_back")]
    public static partial nint SoftMaxBack(nint context, nint gradient, nint result, float scale, float maxBias);

    /// <summary>Adds up what a tensor of the size of <paramref name="one"/> was repeated to.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_repeat_back")]
    public static partial nint SumRepeats(nint context, nint all, nint one);

    [LibraryImport(Base, EntryPoint = "ggml_transpose")]
    public static partial nint Transpose(nint context, nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_cpy")]
    public static partial nint Copy(nint context, nint from, nint into);

    [LibraryImport(Base, EntryPoint = "ggml_soft_max_ext")]
    public static partial nint SoftMax(nint context, nint tensor, nint mask, float scale, float maxBias);

    [LibraryImport(Base, EntryPoint = "ggml_reshape_4d")]
    public static partial nint Reshape(nint context, nint tensor, long size0, long size1, long size2, long size3);

    [LibraryImport(Base, EntryPoint = "ggml_permute")]
    public static partial nint Permute(nint context, nint tensor, int axis0, int axis1, int axis2, int axis3);

    [LibraryImport(Base, EntryPoint = "ggml_cont")]
    public static partial nint Pack(nint context, nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_cross_entropy_loss")]
    public static partial nint CrossEntropy(nint context, nint logits, nint labels);

    [LibraryImport(Base, EntryPoint = "ggml_cross_entropy_loss_back")]
    public static partial nint CrossEntropyBack(nint context, nint gradient, nint logits, nint labels);

    [LibraryImport(Base, EntryPoint = "ggml_argmax")]
    public static partial nint Likeliest(nint context, nint logits);

    [LibraryImport(Base, EntryPoint = "ggml_opt_step_adamw")]
    public static partial nint Step(nint context, nint weights, nint gradient, nint mean, nint square, nint parameters);

    [LibraryImport(Base, EntryPoint = "ggml_new_graph_custom")]
    public static partial nint Graph(nint context, nuint nodes, byte hasGradients);

    [LibraryImport(Base, EntryPoint = "ggml_build_forward_expand")]
    public static partial void Forward(nint graph, nint result);

    [LibraryImport(Base, EntryPoint = "gguf_init_from_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint FileRead(string file, FileParams parameters);

    [LibraryImport(Base, EntryPoint = "gguf_init_empty")]
    public static partial nint FileCreate();

    [LibraryImport(Base, EntryPoint = "gguf_set_kv")]
    public static partial void FileCopyHead(nint gguf, nint from);

    [LibraryImport(Base, EntryPoint = "gguf_set_val_str", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void FileSet(nint gguf, string key, string value);

    [LibraryImport(Base, EntryPoint = "gguf_set_arr_str", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void FileSetList(nint gguf, string key, string[] values, nuint count);

    [LibraryImport(Base, EntryPoint = "gguf_add_tensor")]
    public static partial void FileAdd(nint gguf, nint tensor);

    [LibraryImport(Base, EntryPoint = "gguf_write_to_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial byte FileWrite(nint gguf, string file, byte headOnly);

    [LibraryImport(Base, EntryPoint = "gguf_free")]
    public static partial void FileFree(nint gguf);

    [LibraryImport(Ggml, EntryPoint = "ggml_backend_init_by_type")]
    private static partial nint BackendOf(int type, nint parameters);

    [LibraryImport(Base, EntryPoint = "ggml_backend_get_device")]
    private static partial nint BackendDevice(nint backend);

    [LibraryImport(Base, EntryPoint = "ggml_backend_dev_backend_reg")]
    private static partial nint BackendRegistry(nint device);

    [LibraryImport(Base, EntryPoint = "ggml_backend_reg_get_proc_address", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint BackendFunction(nint registry, string name);

    [StructLayout(LayoutKind.Sequential)]
    public struct ContextParams
    {
        public nuint Bytes;
        public nint Memory;
        public byte LeavesDataOut;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct FileParams
    {
        public byte LeavesDataOut;
        public nint* Context;
    }
}
