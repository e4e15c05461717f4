using System.IO.Enumeration;
using Microsoft.ML.OnnxRuntime;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Speech.Sherpa;

/// <summary>
/// A folder with a model of sherpa-onnx, told by its files. The library ends the process when a file is not as it should be, so
/// everything it would miss is looked for here before.
/// </summary>
/// <param name="Folder">Where it is, with what lies beside its files.</param>
/// <param name="Family">What kind of model.</param>
/// <param name="Files">Paths by what they are for, as <see cref="Find"/> names them.</param>
/// <param name="Head">Of the file that describes the model.</param>
internal sealed record SherpaModel(string Folder, SherpaFamily Family, IReadOnlyDictionary<string, string> Files, OnnxHead Head)
{
    private const int LargestTokens = 20_000_000;

    private const string VocoderWanted = "put the vocoder, such as vocos.onnx or hifigan.onnx, beside it.";

    // What the library reads of the describing file and ends the process without.
    private static readonly Dictionary<SherpaFamily, string[]> s_metadata = new()
    {
        [SherpaFamily.StreamingTransducer] = ["model_type", "T", "decode_chunk_len"],
        [SherpaFamily.StreamingParaformer] = ["vocab_size", "lfr_window_size", "lfr_window_shift", "encoder_output_size", "decoder_num_blocks", "decoder_kernel_size", "neg_mean", "inv_stddev"],
        [SherpaFamily.StreamingZipformerCtc] = ["encoder_dims", "query_head_dims", "value_head_dims", "num_heads", "num_encoder_layers", "cnn_module_kernels", "left_context_len", "T", "decode_chunk_len"],
        [SherpaFamily.Whisper] = ["n_mels", "n_text_layer", "n_text_ctx", "n_text_state", "n_vocab", "sot", "eot", "blank_id", "translate", "transcribe", "is_multilingual", "no_timestamps", "no_speech", "sot_sequence"],
        [SherpaFamily.SenseVoice] = ["vocab_size", "lfr_window_size", "lfr_window_shift", "normalize_samples", "with_itn", "without_itn", "lang_auto", "lang_zh", "lang_en", "lang_ja", "lang_ko", "lang_yue", "neg_mean", "inv_stddev"],
        [SherpaFamily.Paraformer] = ["vocab_size", "lfr_window_size", "lfr_window_shift", "neg_mean", "inv_stddev"],
        [SherpaFamily.Moonshine] = [],
        [SherpaFamily.Vits] = ["sample_rate", "n_speakers", "language", "comment"],
        [SherpaFamily.Matcha] = ["sample_rate", "n_speakers", "use_eos_bos", "pad_id"],
        [SherpaFamily.Kokoro] = ["sample_rate", "n_speakers", "has_espeak", "style_dim"],
        [SherpaFamily.Kitten] = ["model_type", "sample_rate", "n_speakers", "has_espeak", "style_dim"],
        [SherpaFamily.Pocket] = [],
        [SherpaFamily.ZipVoice] = [],
    };

    // More of a streaming transducer's encoder, by its kind.
    private static readonly Dictionary<string, string[]> s_encoders = new()
    {
        ["zipformer2"] = ["encoder_dims", "query_head_dims", "value_head_dims", "num_heads", "num_encoder_layers", "cnn_module_kernels", "left_context_len"],
        ["zipformer"] = ["encoder_dims", "attention_dims", "num_encoder_layers", "cnn_module_kernels", "left_context_len"],
        ["lstm"] = ["num_encoder_layers", "rnn_hidden_size", "d_model"],
        ["conformer"] = ["num_encoder_layers", "left_context", "encoder_dim", "pad_length", "cnn_module_kernel"],
    };

    public string Name => Path.GetFileName(Folder);

    public bool IsVoice => Family >= SherpaFamily.Vits;

    public bool IsStreaming => Family <= SherpaFamily.StreamingZipformerCtc;

    /// <summary>Bytes of its files.</summary>
    public long Bytes => Files.Values.Where(File.Exists).Sum(f => new FileInfo(f).Length);

    /// <summary>The file for a purpose; empty where the model has none.</summary>
    public string this[string purpose] => Files.GetValueOrDefault(purpose, "");

    /// <summary>Has ONNX Runtime load each of its files, as the library's own will: what it refuses there, it tells here.</summary>
    /// <exception cref="InvalidDataException">A file's graph makes no sense.</exception>
    public void RequireLoadable()
    {
        foreach (var file in Files.Values.Where(f => f.EndsWith(".onnx", StringComparison.Ordinal)))
        {
            try
            {
                // Read once, and not made any faster.
                using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
                using var session = new InferenceSession(file, options);
            }
            catch (OnnxRuntimeException error)
            {
                throw new InvalidDataException($"{Path.GetFileName(file)} of {Name} is no model that can be loaded. Fetch it again. ({error.Message})", error);
            }
        }
    }

    /// <summary>Looks what model a folder holds.</summary>
    /// <param name="folder">Where its files lie.</param>
    /// <param name="home">Where the recording and the dictionaries beside them lie, if that is elsewhere; it gives the name, too.</param>
    /// <returns>Null where it holds none.</returns>
    /// <exception cref="InvalidDataException">It holds one that cannot be used; the message says why.</exception>
    public static SherpaModel? Find(string folder, string? home = null)
    {
        var files = Directory.GetFiles(folder);
        // A Piper voice is both its files, and needs no library but ours.
        if (!files.Any(f => f.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) || files.Any(f => f.EndsWith(".onnx.json", StringComparison.OrdinalIgnoreCase)))
            return null;
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (purpose, patterns) in new (string, string[])[]
        {
            ("tokens", ["tokens.txt", "*-tokens.txt"]), ("encoder", ["encoder*.onnx", "*-encoder*.onnx"]), ("decoder", ["decoder*.onnx", "*-decoder*.onnx"]), ("joiner", ["joiner*.onnx", "*-joiner*.onnx"]),
            ("preprocessor", ["preprocess*.onnx"]), ("encode", ["encode.*onnx"]), ("uncached", ["uncached_decode*.onnx"]), ("cached", ["cached_decode*.onnx"]),
            ("voices", ["voices.bin"]), ("vocoder", ["vocos*.onnx", "hifigan*.onnx", "*vocoder*.onnx"]), ("acoustic", ["model-steps-*.onnx"]),
            ("flow", ["lm_flow*.onnx"]), ("main", ["lm_main*.onnx"]), ("text", ["text_conditioner*.onnx"]), ("vocabulary", ["vocab.json"]), ("scores", ["token_scores.json"]),
        })
        {
            if (Pick(files, patterns) is { } file)
                found[purpose] = file;
        }

        found["lexicon"] = string.Join(',', files.Where(f => FileSystemName.MatchesSimpleExpression("lexicon*.txt", Path.GetFileName(f))).Order(StringComparer.Ordinal));
        if (Pick([.. files.Except(found.Values)], ["model*.onnx", "*.onnx"]) is { } model)
            found["model"] = model;
        return Tell(found) is var (family, head, describing) ? Checked(new SherpaModel(home ?? folder, family, found, head), describing) : null;
    }

    // The smaller weights where there are both: on a processor they are the faster ones.
    private static string? Pick(IReadOnlyList<string> files, string[] patterns) => patterns
        .Select(pattern => files.Where(f => FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(f)))
            .OrderByDescending(f => Path.GetFileName(f).Contains("int8", StringComparison.Ordinal)).ThenBy(f => f, StringComparer.Ordinal).FirstOrDefault())
        .FirstOrDefault(f => f is not null);

    private static (SherpaFamily, OnnxHead, string)? Tell(Dictionary<string, string> files)
    {
        bool Has(params string[] purposes) => purposes.All(files.ContainsKey);
        if (Has("flow", "main", "text", "encoder", "decoder", "vocabulary", "scores"))
            return Of(SherpaFamily.Pocket, "main");
        if (Has("preprocessor", "encode", "uncached", "cached", "tokens"))
            return Of(SherpaFamily.Moonshine, "encode");
        if (Has("encoder", "decoder", "vocoder", "tokens"))
            return Of(SherpaFamily.ZipVoice, "encoder");
        if (Has("encoder", "decoder", "joiner", "tokens"))
            return Of(SherpaFamily.StreamingTransducer, "encoder");
        if (Has("encoder", "decoder", "tokens"))
        {
            var head = OnnxHead.Read(files["encoder"]).Metadata;
            return head.ContainsKey("n_mels") ? Of(SherpaFamily.Whisper, "encoder") : head.ContainsKey("lfr_window_size") ? Of(SherpaFamily.StreamingParaformer, "encoder")
                : Path.GetFileName(files["decoder"]).Contains("merged", StringComparison.OrdinalIgnoreCase)
                    ? throw new InvalidDataException($"{NameOf()} is a Moonshine model of the second kind, which is not supported. Take one with preprocess.onnx and encode.onnx.")
                : throw new InvalidDataException($"{NameOf()} is no Whisper and no Paraformer model. If it is a ZipVoice voice, {VocoderWanted}");
        }

        if (Has("acoustic", "tokens"))
            return Has("vocoder") ? Of(SherpaFamily.Matcha, "acoustic") : throw new InvalidDataException($"{NameOf()} is a Matcha voice without its vocoder: {VocoderWanted}");
        if (!Has("model", "tokens"))
            return null;
        var told = OnnxHead.Read(files["model"]).Metadata;
        if (Has("voices"))
            return Of(told.GetValueOrDefault("model_type", "").Contains("kitten", StringComparison.OrdinalIgnoreCase) ? SherpaFamily.Kitten : SherpaFamily.Kokoro, "model");
        return told.ContainsKey("lang_auto") ? Of(SherpaFamily.SenseVoice, "model")
            : told.ContainsKey("lfr_window_size") ? Of(SherpaFamily.Paraformer, "model")
            : told.ContainsKey("decode_chunk_len") ? Of(SherpaFamily.StreamingZipformerCtc, "model")
            : told.ContainsKey("n_speakers") ? Of(SherpaFamily.Vits, "model")
            : null;

        string NameOf() => Path.GetFileName(Path.GetDirectoryName(files["tokens"]))!;

        (SherpaFamily, OnnxHead, string) Of(SherpaFamily family, string purpose) => (family, OnnxHead.Read(files[purpose]), files[purpose]);
    }

    private static SherpaModel Checked(SherpaModel model, string describing)
    {
        Require(describing, model.Head, s_metadata[model.Family]);
        var words = model.Head.Metadata.GetValueOrDefault("vocab_size");
        if (model.Family == SherpaFamily.StreamingTransducer)
        {
            var kind = model.Head.Metadata["model_type"];
            if (!s_encoders.TryGetValue(kind, out var more))
                throw new InvalidDataException($"{model.Name} is a transducer of the kind '{kind}', which is not supported; {string.Join(", ", s_encoders.Keys)} are.");
            Require(describing, model.Head, more);
            var decoder = OnnxHead.Read(model["decoder"]);
            Require(model["decoder"], decoder, ["vocab_size", "context_size"]);
            words = decoder.Metadata["vocab_size"];
        }

        // Every other one has to be whole as well.
        foreach (var file in model.Files.Values.Where(f => f.EndsWith(".onnx", StringComparison.Ordinal) && f != describing))
            OnnxHead.Read(file);
        if (model["tokens"] is { Length: > 0 } tokens)
            CheckTokens(tokens, int.TryParse(words, out var count) ? count : 0);
        if (model.Family is SherpaFamily.Pocket or SherpaFamily.ZipVoice && SherpaReference.Find(model.Folder, model.Family == SherpaFamily.ZipVoice) is null)
            throw new InvalidDataException($"{model.Name} speaks with the voice of a recording: put one of a few seconds beside it as reference.wav{(model.Family == SherpaFamily.ZipVoice ? ", and its words as reference.txt" : "")}.");
        return model;
    }

    private static void Require(string file, OnnxHead head, string[] keys)
    {
        if (keys.FirstOrDefault(k => string.IsNullOrEmpty(head.Metadata.GetValueOrDefault(k)) && k != "comment") is { } missing)
            throw new InvalidDataException($"{Path.GetFileName(file)} does not say its '{missing}', without which sherpa-onnx cannot use it. Take the model from sherpa-onnx' own list.");
    }

    // "TOKEN NUMBER" on each line, no token twice; a space may be the token.
    private static void CheckTokens(string file, int wanted)
    {
        if (new FileInfo(file).Length > LargestTokens)
            throw new InvalidDataException($"{Path.GetFileName(file)} is larger than a list of tokens can be.");
        var known = new HashSet<string>(StringComparer.Ordinal);
        var line = 0;
        foreach (var text in File.ReadLines(file))
        {
            line++;
            var trimmed = text.TrimEnd();
            var space = trimmed.LastIndexOfAny([' ', '\t']);
            if (trimmed.Length > 0 && (!int.TryParse(trimmed.AsSpan(space + 1), out _) || !known.Add(space <= 0 ? " " : trimmed[..space])))
                throw new InvalidDataException($"{Path.GetFileName(file)} is damaged in line {line}: '{(text.Length > 40 ? text[..40] : text)}'. Fetch the model again.");
        }

        if (known.Count == 0)
            throw new InvalidDataException($"{Path.GetFileName(file)} is empty. Fetch the model again.");
        if (known.Count < wanted)
            throw new InvalidDataException($"{Path.GetFileName(file)} has {known.Count} tokens, and the model {wanted}. The two do not belong together.");
    }
}
