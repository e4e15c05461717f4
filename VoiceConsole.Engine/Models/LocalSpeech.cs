using System.Collections.Concurrent;
using VoiceConsole.Engine.Speech.Piper;
using VoiceConsole.Engine.Speech.Sherpa;
using VoiceConsole.Engine.Speech.Whisper;

namespace VoiceConsole.Engine.Models;

/// <summary>A voice or a recogniser that lies in models/, as its files tell.</summary>
/// <param name="Kind">Voice or recogniser.</param>
/// <param name="Path">Of its file or folder: what it is loaded by.</param>
/// <param name="Name">Of the file or folder; what it can be called by, too.</param>
/// <param name="Languages">BCP 47 tags; empty where its files do not say.</param>
/// <param name="Facts">A few words each.</param>
/// <param name="Bytes">Size of its files.</param>
/// <param name="Problem">Why it cannot be used; null when it can.</param>
public sealed record LocalSpeech(EngineKind Kind, string Path, string Name, IReadOnlyList<string> Languages, IReadOnlyList<string> Facts, long Bytes, string? Problem)
{
    // What a catalogue's package holds lies a few folders down.
    private const int Depth = 4;

    private static readonly ConcurrentDictionary<string, (int Stamp, LocalSpeech? Found)> s_known = new(StringComparer.Ordinal);

    /// <summary>Everything of a known kind in the folder and below it, what is being fetched aside. What is damaged is listed with what is wrong.</summary>
    /// <param name="folder">models/.</param>
    public static IReadOnlyList<LocalSpeech> Find(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        var all = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = Depth, IgnoreInaccessible = true };
        return
        [
            .. Files("*.onnx.json").Select(f => Known(f[..^".json".Length], [f, f[..^".json".Length]], Piper))
                .Concat(Files("*.bin").Select(f => Known(f, [f], Whisper)))
                .Concat(Files("*.onnx").Select(f => System.IO.Path.GetDirectoryName(f)!).Distinct().Where(d => d != folder).Select(d => Known(d, Directory.GetFiles(d), Sherpa)))
                .OfType<LocalSpeech>()
                .OrderBy(s => s.Name, StringComparer.Ordinal),
        ];

        IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(folder, pattern, all).Where(f => !IsHidden(folder, f));
    }

    // A page looks every few seconds: what has not changed is not read again.
    private static LocalSpeech? Known(string path, string[] files, Func<string, LocalSpeech?> read)
    {
        var stamp = new HashCode();
        foreach (var file in files.Select(f => new FileInfo(f)))
            stamp.Add((file.Name, file.Exists ? (file.Length, file.LastWriteTimeUtc) : default));
        var now = stamp.ToHashCode();
        if (s_known.TryGetValue(path, out var known) && known.Stamp == now)
            return known.Found;
        var found = read(path);
        s_known[path] = (now, found);
        return found;
    }

    private static bool IsHidden(string folder, string file) =>
        System.IO.Path.GetRelativePath(folder, file).Split(System.IO.Path.DirectorySeparatorChar).Any(p => p[0] == '.');

    private static LocalSpeech Piper(string file)
    {
        var name = System.IO.Path.GetFileNameWithoutExtension(file);
        try
        {
            var config = PiperConfig.Read(file);
            _ = OnnxHead.Read(file);
            string[] facts = ["Piper", config.Language, $"{config.SampleRate / 1000.0:0.#} kHz", .. config.Speakers > 1 ? [$"{config.Speakers} speakers"] : Array.Empty<string>()];
            return new LocalSpeech(EngineKind.Voice, file, name, [config.Language], facts, new FileInfo(file).Length, null);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new LocalSpeech(EngineKind.Voice, file, name, [], [], File.Exists(file) ? new FileInfo(file).Length : 0, error.Message);
        }
    }

    private static LocalSpeech? Sherpa(string folder)
    {
        var name = System.IO.Path.GetFileName(folder);
        try
        {
            if (SherpaModel.Find(folder) is not { } model)
                return null;
            string[] facts = [$"{model.Family} by sherpa-onnx", .. model.IsVoice ? Array.Empty<string>() : [model.IsStreaming ? "words while you speak" : "words at the end"]];
            return new LocalSpeech(model.IsVoice ? EngineKind.Voice : EngineKind.Recognizer, folder, name, [], facts, model.Bytes, null);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new LocalSpeech(EngineKind.Recognizer, folder, name, [], [], 0, error.Message);
        }
    }

    private static LocalSpeech? Whisper(string file)
    {
        var (name, bytes) = (System.IO.Path.GetFileNameWithoutExtension(file), new FileInfo(file).Length);
        try
        {
            if (!WhisperHead.Is(file))
                return null;
            var head = WhisperHead.Read(file);
            return new LocalSpeech(EngineKind.Recognizer, file, name, head.IsMultilingual ? [] : ["en"], [$"Whisper {head.Size}", head.IsMultilingual ? "99 languages" : "English", head.Weights], bytes, null);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new LocalSpeech(EngineKind.Recognizer, file, name, [], [], bytes, error.Message);
        }
    }
}
