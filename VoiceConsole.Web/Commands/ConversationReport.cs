using System.Text.Json;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Commands;

/// <summary>What a conversation was, made from its events: for <c>converse --json</c> and for the files beside its tracks.</summary>
internal sealed class ConversationReport
{
    private static readonly JsonSerializerOptions s_eventJson = new(JsonSerializerDefaults.Web) { NumberHandling = StoredEvent.Json.NumberHandling };
    private readonly List<TurnEvent> _events = [];
    private readonly List<string> _problems = [];

    public int SampleRate { get; private set; } = 16_000;

    public void Add(TurnEvent turnEvent)
    {
        _events.Add(turnEvent);
        if (turnEvent is ConversationStarted started)
            SampleRate = started.SampleRate;
        if (turnEvent is TurnFailed failed && failed.Turn == TurnId.None)
            _problems.Add($"{failed.Error} {failed.Remedy}");
    }

    /// <summary>Something was not stored.</summary>
    public void Add(StorageException problem) => _problems.Add(problem.Message);

    public ConversationSummary Summarize(string? recording)
    {
        var started = _events.OfType<ConversationStarted>().First();
        var turns = _events.Where(e => e.Turn != TurnId.None).GroupBy(e => e.Turn).OrderBy(g => g.Key).Select(g => Summarize(g.Key, [.. g]));
        return new ConversationSummary(
            started.Conversation, started.Device, started.Recognizer, started.Model, started.Voice, started.Canceller,
            _events.OfType<ConversationEnded>().LastOrDefault()?.Reason, recording, _problems.Count > 0 ? [.. _problems] : null, [.. turns]);
    }

    /// <summary>Writes events.jsonl, timeline.json and, as reply.wav, a copy of the loopback: the reply as it was heard.</summary>
    public async Task WriteAsync(string folder, CancellationToken cancellationToken)
    {
        await File.WriteAllLinesAsync(
            Path.Combine(folder, "events.jsonl"), _events.Select(e => JsonSerializer.Serialize(e, s_eventJson)), cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "timeline.json"), JsonSerializer.Serialize(Summarize(folder), CommandRun.Json), cancellationToken);
        var loopback = Path.Combine(folder, "loopback.wav");
        if (File.Exists(loopback))
            File.Copy(loopback, Path.Combine(folder, "reply.wav"), overwrite: true);
    }

    private TurnSummary Summarize(TurnId id, TurnEvent[] events)
    {
        var timeline = TurnTimeline.From(events, id, SampleRate);
        var failure = events.OfType<TurnFailed>().FirstOrDefault();
        return new TurnSummary(
            id.Value,
            events.OfType<TextTyped>().FirstOrDefault()?.Text ?? events.OfType<TranscriptCompleted>().FirstOrDefault()?.Text,
            string.Concat(events.OfType<TokenGenerated>().Select(t => t.Text)),
            events.OfType<PlaybackFinished>().FirstOrDefault()?.HeardText,
            events.OfType<TurnCompleted>().FirstOrDefault()?.Outcome ?? "unfinished",
            failure is null ? null : $"{failure.Stage}: {failure.Error} {failure.Remedy}",
            timeline is null ? null : Math.Round(timeline.VoiceToVoice.TotalMilliseconds, 2),
            timeline?.Stages.Select(s => new StageSummary(s.Name, s.Start, s.End, Math.Round(s.Duration.TotalMilliseconds, 2))).ToArray());
    }
}

/// <param name="Conversation">The id under which it is stored.</param>
/// <param name="Device">As all engines: its name or catalogue id.</param>
/// <param name="Recognizer">Hears the user.</param>
/// <param name="Model">Writes the replies.</param>
/// <param name="Voice">Speaks them.</param>
/// <param name="Canceller">Takes the loudspeaker out of the microphone.</param>
/// <param name="Ended">Why it ended.</param>
/// <param name="Recording">Folder of the tracks; null when nothing was to be recorded.</param>
/// <param name="Problems">What was not recorded or not stored, and what to do; null when all was.</param>
/// <param name="Turns">In order.</param>
internal sealed record ConversationSummary(
    Guid Conversation, string Device, string Recognizer, string Model, string Voice, string Canceller, string? Ended, string? Recording, string[]? Problems, TurnSummary[] Turns);

internal sealed record TurnSummary(
    long Turn, string? User, string Reply, string? Heard, string Outcome, string? Error, double? VoiceToVoiceMs, StageSummary[]? Stages);

/// <summary>Sample positions of a stage's ends, and its length.</summary>
internal sealed record StageSummary(string Name, long Start, long End, double Ms);
