using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>The functions of libllama that a reply needs; layouts are those of the pinned version and checked on load.</summary>
internal static unsafe partial class LlamaNative
{
    private const string Llama = "llama", Ggml = "ggml", Base = "ggml-base";
    private const string LlamaFile = "libllama.v0.4.0.so";
    private const int ErrorLevel = 4;

    private static readonly Lock s_lock = new();
    private static bool s_ready;
    private static volatile string? s_lastError;

    /// <summary>What the library said last on its error level.</summary>
    public static string? LastError => s_lastError;

    public static void Load(IReadOnlyList<string> folders)
    {
        lock (s_lock)
        {
            if (s_ready)
                return;
            string[] all = [.. folders];
            NativeLibraries.Load(Base, "libggml-base.so", all);
            NativeLibraries.Load(Ggml, "libggml.v0.4.0.so", all);
            NativeLibraries.Load(Llama, LlamaFile, all);
            LogSet(&Log, 0);
            BackendInit();
            // The processor variants are libraries beside libllama of which the fastest fit is loaded.
            var folder = all.Where(Directory.Exists).SelectMany(part => Directory.EnumerateFiles(part, LlamaFile, SearchOption.AllDirectories)).First();
            LoadBackends(Path.GetDirectoryName(folder)!);
            CheckLayout();
            s_ready = true;
        }
    }

    [LibraryImport(Llama, EntryPoint = "llama_model_default_params")]
    public static partial ModelParams ModelDefaults();

    [LibraryImport(Llama, EntryPoint = "llama_context_default_params")]
    public static partial ContextParams ContextDefaults();

    [LibraryImport(Llama, EntryPoint = "llama_model_load_from_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ModelLoad(string path, ModelParams parameters);

    [LibraryImport(Llama, EntryPoint = "llama_model_free")]
    public static partial void ModelFree(nint model);

    [LibraryImport(Llama, EntryPoint = "llama_model_get_vocab")]
    public static partial nint Vocabulary(nint model);

    [LibraryImport(Llama, EntryPoint = "llama_model_n_ctx_train")]
    public static partial int TrainedContext(nint model);

    [LibraryImport(Llama, EntryPoint = "llama_model_chat_template")]
    public static partial nint ChatTemplate(nint model, nint name);

    [LibraryImport(Llama, EntryPoint = "llama_init_from_model")]
    public static partial nint ContextCreate(nint model, ContextParams parameters);

    [LibraryImport(Llama, EntryPoint = "llama_free")]
    public static partial void ContextFree(nint context);

    // Freed with the model.
    [LibraryImport(Llama, EntryPoint = "llama_adapter_lora_init", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint AdapterLoad(nint model, string path);

    [LibraryImport(Llama, EntryPoint = "llama_set_adapters_lora")]
    public static partial int SetAdapters(nint context, nint* adapters, nuint count, float* scales);

    [LibraryImport(Llama, EntryPoint = "llama_get_memory")]
    public static partial nint Memory(nint context);

    [LibraryImport(Llama, EntryPoint = "llama_memory_clear")]
    public static partial void MemoryClear(nint memory, byte data);

    [LibraryImport(Llama, EntryPoint = "llama_memory_seq_rm")]
    public static partial byte MemoryRemove(nint memory, int sequence, int from, int to);

    [LibraryImport(Llama, EntryPoint = "llama_batch_get_one")]
    public static partial Batch BatchOf(int* tokens, int count);

    [LibraryImport(Llama, EntryPoint = "llama_decode")]
    public static partial int Decode(nint context, Batch batch);

    [LibraryImport(Llama, EntryPoint = "llama_get_logits_ith")]
    public static partial float* Logits(nint context, int index);

    [LibraryImport(Llama, EntryPoint = "llama_tokenize")]
    public static partial int Tokenize(nint vocabulary, byte* text, int length, int* tokens, int capacity, byte addSpecial, byte parseSpecial);

    [LibraryImport(Llama, EntryPoint = "llama_token_to_piece")]
    public static partial int Piece(nint vocabulary, int token, byte* buffer, int length, int leftStrip, byte special);

    [LibraryImport(Llama, EntryPoint = "llama_vocab_is_eog")]
    public static partial byte IsEnd(nint vocabulary, int token);

    [LibraryImport(Llama, EntryPoint = "llama_vocab_n_tokens")]
    public static partial int VocabularySize(nint vocabulary);

    [LibraryImport(Llama, EntryPoint = "llama_vocab_get_attr")]
    public static partial int Attributes(nint vocabulary, int token);

    [LibraryImport(Llama, EntryPoint = "llama_vocab_get_text")]
    public static partial nint Text(nint vocabulary, int token);

    [LibraryImport(Llama, EntryPoint = "llama_vocab_bos")]
    public static partial int Begin(nint vocabulary);

    [LibraryImport(Llama, EntryPoint = "llama_vocab_eos")]
    public static partial int End(nint vocabulary);

    [LibraryImport(Llama, EntryPoint = "llama_set_abort_callback")]
    public static partial void SetAbort(nint context, delegate* unmanaged[Cdecl]<nint, byte> isAborted, nint data);

    // The parameter is a struct of one bool, passed like a byte.
    [LibraryImport(Llama, EntryPoint = "llama_sampler_chain_init")]
    public static partial nint SamplerChain(byte noTimings);

    [LibraryImport(Llama, EntryPoint = "llama_sampler_chain_add")]
    public static partial void SamplerAdd(nint chain, nint sampler);

    [LibraryImport(Llama, EntryPoint = "llama_sampler_init_greedy")]
    public static partial nint SamplerGreedy();

    [LibraryImport(Llama, EntryPoint = "llama_sampler_init_dist")]
    public static partial nint SamplerRandom(uint seed);

    [LibraryImport(Llama, EntryPoint = "llama_sampler_init_top_p")]
    public static partial nint SamplerTopP(float share, nuint atLeast);

    [LibraryImport(Llama, EntryPoint = "llama_sampler_init_temp")]
    public static partial nint SamplerTemperature(float temperature);

    [LibraryImport(Llama, EntryPoint = "llama_sampler_sample")]
    public static partial int Sample(nint sampler, nint context, int index);

    [LibraryImport(Llama, EntryPoint = "llama_sampler_free")]
    public static partial void SamplerFree(nint sampler);

    [LibraryImport(Llama, EntryPoint = "llama_backend_init")]
    private static partial void BackendInit();

    [LibraryImport(Llama, EntryPoint = "llama_log_set")]
    private static partial void LogSet(delegate* unmanaged[Cdecl]<int, byte*, nint, void> log, nint data);

    [LibraryImport(Ggml, EntryPoint = "ggml_backend_load_all_from_path", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void LoadBackends(string folder);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Log(int level, byte* text, nint data)
    {
        if (level == ErrorLevel)
            s_lastError = Marshal.PtrToStringUTF8((nint)text)?.Trim();
    }

    // Another version of the library with other structs must not be called with these.
    private static void CheckLayout()
    {
        var model = ModelDefaults();
        var context = ContextDefaults();
        if (model.GpuLayers != -1 || model.LoadMode != -1 || context.ContextTokens != 512 || context.BatchTokens != 2048
            || context.MicroBatchTokens != 512 || context.Sequences != 1 || context.KeyType != 1 || context.ValueType != 1)
        {
            throw new DllNotFoundException($"{LlamaFile} is of another version than the one this program knows. Fetch it again with 'models pull'.");
        }
    }

    /// <summary>Reads the file into memory. Mapped, a file that is cut short later would end the process at the next token.</summary>
    public const int LoadWhole = 0;

    [StructLayout(LayoutKind.Explicit, Size = 80)]
    public struct ModelParams
    {
        [FieldOffset(16)] public int GpuLayers;
        [FieldOffset(24)] public int LoadMode;
        [FieldOffset(72)] public long Flags;
    }

    [StructLayout(LayoutKind.Explicit, Size = 160)]
    public struct ContextParams
    {
        [FieldOffset(0)] public uint ContextTokens;
        [FieldOffset(4)] public uint BatchTokens;
        [FieldOffset(8)] public uint MicroBatchTokens;
        [FieldOffset(12)] public uint Sequences;
        [FieldOffset(28)] public int Threads;
        [FieldOffset(32)] public int BatchThreads;
        [FieldOffset(52)] public int FlashAttention;
        [FieldOffset(104)] public int KeyType;
        [FieldOffset(108)] public int ValueType;
        [FieldOffset(152)] public nint OtherContext;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Batch
    {
        public int Count;
        public nint Tokens, Embeddings, Positions, SequenceCounts, Sequences, Outputs;
    }
}
