using VoiceConsole.Engine.Training.Base;

namespace VoiceConsole.Web.Commands.Bench.Tiny;

/// <summary>A Llama with random weights that answers with short words of a small vocabulary, in an instant.</summary>
internal static class TinyModel
{
    private static readonly string[] s_words = ["yes", "no", "well", "maybe", "good", "today", "here", "there", "now", "then", "you", "me", "it", "that", "this", "one"];

    /// <summary>Writes NAME.gguf and returns its path.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">The model's own, too.</param>
    /// <param name="seed">Models of other seeds say other words.</param>
    public static string Write(string folder, string name, int seed)
    {
        var file = Path.Combine(folder, $"{name}.gguf");
        string[] characters = [.. Enumerable.Range('a', 26).Select(c => $"{(char)c}"), "▁"];
        RandomLlama.Write(file, name, "CC0-1.0", new LlamaShape(64, 128, 2, 4, 2, 4096), Vocabulary.Of(characters, [.. s_words.Select(w => $"▁{w}")]), seed);
        return file;
    }
}
