using System.Text.Json;
using System.Text.Json.Serialization;
using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Web.Data;

/// <summary>
/// A conversation as one file: a zip archive with what the console needs to show it again (manifest.json, events.jsonl, tracks)
/// and what people and other programs read (transcript.jsonl, transcript.srt, transcript.md).
/// </summary>
internal static class Bundle
{
    public const int Version = 1;
    public const string ManifestName = "manifest.json", EventsName = "events.jsonl";
    public const string TranscriptLines = "transcript.jsonl", TranscriptSubtitles = "transcript.srt", TranscriptMarkdown = "transcript.md";
    public const string TracksFolder = "tracks/";

    public static readonly IReadOnlyList<string> Tracks = [TrackRecorder.Microphone, TrackRecorder.Loopback, TrackRecorder.Processed];

    public static readonly IReadOnlySet<string> Names = new HashSet<string>(
        [ManifestName, EventsName, TranscriptLines, TranscriptSubtitles, TranscriptMarkdown, .. Tracks.Select(t => TracksFolder + t)]);

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The same, on one line.</summary>
    public static readonly JsonSerializerOptions Line = new(Json) { WriteIndented = false, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
}

/// <summary>What a bundle says of itself.</summary>
/// <param name="Format">Always "voiceconsole-conversation".</param>
/// <param name="Tags">At most <see cref="ConversationLibrary.MaxTags"/>.</param>
internal sealed record BundleManifest(string Format, int Version, Guid Conversation, int? Rating, IReadOnlyList<string>? Tags)
{
    public const string TheFormat = "voiceconsole-conversation";
}

/// <summary>A bundle that is not taken, and why, in a sentence for people. Nothing of it was kept.</summary>
internal sealed class BundleException(string message, Exception? inner = null) : Exception(message, inner);
