using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Live;

/// <summary>Where engines that are named on a page, in a file or by a program come from: from models/ only, whatever folder the console was started in.</summary>
internal static class EnginePlace
{
    /// <summary>The engine that is meant, its files by their full paths; names and addresses stay what they are.</summary>
    /// <returns>What lies elsewhere; null when all is in models/.</returns>
    /// <exception cref="ArgumentException">It is no engine's name or address.</exception>
    public static string? Of(EngineKind kind, string? wish, ConsolePaths paths, out string? id)
    {
        id = wish;
        if (string.IsNullOrWhiteSpace(wish) || wish.Contains("://", StringComparison.Ordinal))
            return null;
        string? outside = null;
        if (kind == EngineKind.LanguageModel)
        {
            // Who runs the file does not change where it has to lie.
            var runner = wish.StartsWith(EngineLoader.LlamaSharp, StringComparison.Ordinal) ? EngineLoader.LlamaSharp : "";
            var model = LocalModelId.Parse(wish[runner.Length..]);
            id = runner + new LocalModelId(Placed(model.File), [.. model.Adapters.Select(a => a with { File = Placed(a.File) })]);
        }
        else
        {
            id = string.Join(',', wish.Split(',', StringSplitOptions.TrimEntries).Select(Placed));
        }

        return outside;

        string Placed(string piece)
        {
            try
            {
                var full = ConsolePaths.Inside(paths.Models, piece);
                if (Exists(full))
                    return full;
                if (!Exists(piece))
                    return piece;
            }
            catch (UnauthorizedAccessException)
            {
                // It is told below.
            }

            outside ??= piece;
            return piece;
        }
    }

    private static bool Exists(string path) => path.Length > 0 && (File.Exists(path) || Directory.Exists(path));

    /// <summary>The same to be kept in a file: paths begin in models/, so that the folder can be moved.</summary>
    public static string? Portable(string? id, ConsolePaths paths) => id?.Replace(paths.Models + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
}
