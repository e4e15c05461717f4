namespace VoiceConsole.Web.Live;

/// <summary>An engine's name for people, what it stands in for, and its licence.</summary>
internal sealed record EngineLabel(string Name, string? StandInFor, string? Licence)
{
    public string Text => StandInFor is null ? Name : $"{Name} (stand-in for {StandInFor})";

    /// <summary>The label of a catalogue id, a file or a server's address as <c>ConversationStarted</c> names it.</summary>
    public static EngineLabel Of(string id) => id switch
    {
        _ when id.Contains("://", StringComparison.Ordinal) => new EngineLabel(id, null, "own server"),
        _ when Starts(id, "pocketsphinx") => new EngineLabel("PocketSphinx", "Whisper.net", "BSD-2-Clause"),
        _ when Starts(id, "flite") => new EngineLabel($"flite{Rest(id)}", "Piper", "BSD-like"),
        _ when Starts(id, "espeak") => new EngineLabel("eSpeak NG", "Piper", "GPL-3.0"),
        _ when Starts(id, "webrtc") => new EngineLabel("WebRTC AEC3", null, "BSD-3-Clause"),
        _ when Starts(id, "speex") => new EngineLabel("Speex DSP", null, "BSD-3-Clause"),
        _ when Starts(id, "stories") => new EngineLabel(id, null, "MIT"),
        _ => new EngineLabel(id, null, null),
    };

    private static bool Starts(string id, string prefix) => id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    // flite-slt speaks with the voice slt.
    private static string Rest(string id) => id.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash ? $" {id[(dash + 1)..]}" : "";
}
