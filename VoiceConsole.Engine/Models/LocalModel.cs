using System.Globalization;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Models;

/// <summary>A language model that lies in models/, as the head of its file tells.</summary>
/// <param name="File">Its path.</param>
/// <param name="Name">Its own name, else the file's.</param>
/// <param name="Family">Architecture, for example "llama" or "qwen2".</param>
/// <param name="Quantisation">For example "Q4_K_M"; "unknown" where the file does not say.</param>
/// <param name="ContextTokens">Tokens it was trained to look back on; 0 where the file does not say.</param>
/// <param name="HasTemplate">It was made for chats.</param>
/// <param name="Licence">Empty where the file does not say.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="MemoryBytes">About what it takes when it is loaded.</param>
/// <param name="Problem">Why it cannot be used; null for a whole file.</param>
/// <param name="IsAdapter">It is no model but changes one of its family.</param>
public sealed record LocalModel(
    string File, string Name, string Family, string Quantisation, long ContextTokens, bool HasTemplate, string Licence, long Bytes, long MemoryBytes, string? Problem, bool IsAdapter = false)
{
    /// <summary>A few words each, for people; none of a file that cannot be used.</summary>
    public IReadOnlyList<string> Facts => Problem is not null ? [] :
    [
        Family, Quantisation, string.Create(CultureInfo.InvariantCulture, $"{ContextTokens:N0} tokens"), HasTemplate ? "chat template" : "no chat template",
        string.Create(CultureInfo.InvariantCulture, $"{Bytes / 1e6:0.0} MB"), string.Create(CultureInfo.InvariantCulture, $"about {MemoryBytes / 1e9:0.0} GB of memory"),
    ];

    /// <summary>Every *.gguf in the folder and the folders in it, what is being fetched aside, and the copy of the console's own model. Files that are no models are listed with what is wrong.</summary>
    /// <param name="folder">models/.</param>
    /// <param name="contextTokens">Of the conversations that it is to serve.</param>
    public static IReadOnlyList<LocalModel> Find(string folder, int contextTokens)
    {
        if (!Directory.Exists(folder))
            return [];
        var places = Directory.EnumerateDirectories(folder)
            .Where(d => Path.GetFileName(d)[0] != '.' && Path.GetFileName(d) != ChatModelRecipe.Name)
            .Prepend(folder);
        return [.. places.SelectMany(p => Directory.EnumerateFiles(p, "*.gguf")).Where(f => !GgufShards.IsLater(f)).Order(StringComparer.Ordinal).Select(f => Of(f, contextTokens))];
    }

    private static LocalModel Of(string file, int contextTokens)
    {
        var bytes = new FileInfo(file).Length;
        try
        {
            var head = GgufReader.Read(file);
            bytes = GgufShards.Bytes(file);
            var family = head.Text("general.architecture");
            if (s_writesNothing.TryGetValue(family, out var what))
                throw new InvalidDataException($"This is {what}: it writes no text.");
            return new LocalModel(
                file, head.Text("general.name") is { Length: > 0 } name ? name : Path.GetFileNameWithoutExtension(file), family, QuantisationOf(head),
                head.Number($"{family}.context_length"), head.Text("tokenizer.chat_template").Length > 0, head.Text("general.license"), bytes,
                LlamaMemory.Needed(head, bytes, contextTokens, LlamaContext.BatchTokens), null, LoraAdapter.Is(head));
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new LocalModel(file, Path.GetFileNameWithoutExtension(file), "", "", 0, false, "", bytes, 0, error.Message);
        }
    }

    // Of the families that llama.cpp can load.
    private static readonly Dictionary<string, string> s_writesNothing = new()
    {
        ["clip"] = "the eye of a vision model",
        ["bert"] = "a model for embeddings",
        ["modern-bert"] = "a model for embeddings",
        ["nomic-bert"] = "a model for embeddings",
        ["nomic-bert-moe"] = "a model for embeddings",
        ["jina-bert-v2"] = "a model for embeddings",
        ["gemma-embedding"] = "a model for embeddings",
        ["t5encoder"] = "a model for embeddings",
        ["wavtokenizer-dec"] = "a part of a voice",
    };

    // llama.cpp's numbers for whole files.
    private static string QuantisationOf(GgufHead head) => !head.Values.ContainsKey("general.file_type") ? "unknown" : head.Number("general.file_type") switch
    {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        19 => "IQ2_XXS",
        20 => "IQ2_XS",
        21 => "Q2_K_S",
        22 => "IQ3_XS",
        23 => "IQ3_XXS",
        24 => "IQ1_S",
        25 => "IQ4_NL",
        26 => "IQ3_S",
        27 => "IQ3_M",
        28 => "IQ2_S",
        29 => "IQ2_M",
        30 => "IQ4_XS",
        31 => "IQ1_M",
        32 => "BF16",
        36 => "TQ1_0",
        37 => "TQ2_0",
        38 => "MXFP4",
        var other => $"type {other}",
    };
}
