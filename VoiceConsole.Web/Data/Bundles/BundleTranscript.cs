using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VoiceConsole.Web.Data;

/// <summary>What was said, for people and for other programs. Pure.</summary>
internal static class BundleTranscript
{
    /// <summary>A JSON object for each turn.</summary>
    public static string Lines(StoredConversation conversation)
    {
        var lines = new StringBuilder();
        foreach (var turn in conversation.Turns)
        {
            lines.Append(JsonSerializer.Serialize(
                new
                {
                    turn = turn.Number,
                    start = Math.Round(conversation.Seconds(turn.StartPosition), 3),
                    end = turn.EndPosition is { } end ? Math.Round(conversation.Seconds(end), 3) : (double?)null,
                    user = turn.UserText,
                    typed = turn.Typed,
                    reply = turn.ReplyText,
                    heard = turn.HeardText,
                    outcome = turn.Outcome,
                    problem = turn.Problem,
                    voiceToVoiceMs = turn.VoiceToVoiceMs,
                },
                Bundle.Line)).Append('\n');
        }

        return lines.ToString();
    }

    /// <summary>Subtitles of the recording: the user's words while they were spoken, and of the reply what was heard.</summary>
    public static string Subtitles(StoredConversation conversation)
    {
        var spans = new ReplayTimeline(conversation).Spans.OrderBy(s => s.From).ToList();
        var turns = conversation.Turns.ToDictionary(t => t.Number);
        var subtitles = new StringBuilder();
        var number = 0;
        foreach (var span in spans)
        {
            if (!turns.TryGetValue(span.Turn.Value, out var turn) || (span.IsUser ? turn.UserText : turn.HeardText) is not { Length: > 0 } text)
                continue;
            subtitles.Append(CultureInfo.InvariantCulture, $"{++number}\n{Time(span.From)} --> {Time(Math.Max(span.To, span.From + 0.5))}\n{(span.IsUser ? "You" : "Console")}: {OneLine(text)}\n\n");
        }

        return subtitles.ToString();
    }

    public static string Markdown(StoredConversation conversation)
    {
        var row = conversation.Row;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Conversation of {row.StartedAt:yyyy-MM-dd HH:mm} UTC\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Model {Escaped(row.Model)}, recogniser {Escaped(row.Recognizer)}, voice {Escaped(row.Voice)}, echo canceller {Escaped(row.Canceller)}, device {Escaped(row.Device)}.\n");
        foreach (var turn in conversation.Turns)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {Time(conversation.Seconds(turn.StartPosition))[..8]}, turn {turn.Number}\n");
            if (turn.UserText is { Length: > 0 } user)
                text.Append(CultureInfo.InvariantCulture, $"\n**You{(turn.Typed ? ", typed" : "")}:** {Escaped(user)}\n");
            if (turn.ReplyText.Length > 0)
                text.Append(CultureInfo.InvariantCulture, $"\n**Console:** {Escaped(turn.ReplyText)}\n");
            if (turn.ReplyText.Length > 0 && turn.HeardText is { } heard && heard.Trim() != turn.ReplyText.Trim())
                text.Append(CultureInfo.InvariantCulture, $"\n*Heard:* {(heard.Length > 0 ? Escaped(heard) : "nothing")}\n");
            if (turn.Problem is { } problem)
                text.Append(CultureInfo.InvariantCulture, $"\n*{turn.Outcome}:* {Escaped(problem)}\n");
        }

        return text.ToString();
    }

    // The words are strangers': none of them may become markup, a link or a heading.
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in OneLine(text))
        {
            if (char.IsAsciiLetterOrDigit(c) || c is ' ' or ',' or '.' or '?' or '\'' or ':' or ';' || !char.IsAscii(c))
                escaped.Append(c);
            else if (c is '<' or '>' or '&')
                escaped.Append(c switch { '<' => "&lt;", '>' => "&gt;", _ => "&amp;" });
            else
                escaped.Append('\\').Append(c);
        }

        return escaped.ToString();
    }

    private static string OneLine(string text) =>
        string.Join(' ', new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Replace("-->", "→", StringComparison.Ordinal);

    private static string Time(double seconds)
    {
        var time = TimeSpan.FromSeconds(seconds);
        return string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time:mm\\:ss\\,fff}");
    }
}
