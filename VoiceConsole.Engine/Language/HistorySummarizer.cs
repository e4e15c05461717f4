using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Engine.Language;

/// <summary>A shorter history.</summary>
/// <param name="Messages">What takes the old one's place.</param>
/// <param name="Replaced">How many messages were summarised.</param>
/// <param name="Summary">What they became; for people.</param>
public sealed record Shortened(IReadOnlyList<ChatMessage> Messages, int Replaced, string Summary);

/// <summary>
/// Keeps the history within the model's context: when it fills, the model itself sums up the older half. A model that does not
/// manage in time loses the older half with a note in its place; what was said last always stays.
/// </summary>
/// <param name="model">Who writes the summary.</param>
/// <param name="counter">The model's tokens.</param>
/// <param name="options">From where on it is too full, and the time the model has.</param>
/// <param name="time">The conversation's.</param>
public sealed class HistorySummarizer(IChatClient model, ITokenCounter counter, ConversationOptions options, TimeProvider time)
{
    private const int SummaryTokens = 160;

    // What a template adds to each message, generously.
    private const int MessageOverhead = 8;

    /// <summary>A shorter history, or null when this one fits. The last message is the user's newest and stays as it is, shortened only if it alone is too long.</summary>
    public async Task<Shortened?> ShortenAsync(IReadOnlyList<ChatMessage> messages, string language, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var limit = (int)(counter.ContextTokens * options.SummarizeAt);
        var costs = messages.Select(m => counter.Count(m.Text) + MessageOverhead).ToArray();
        var total = costs.Sum() + counter.Count(options.SystemPrompt) + MessageOverhead;
        if (total <= limit || messages.Count == 0)
            return null;
        // From the end, what fits into half of the room stays.
        var kept = messages.Count - 1;
        for (var room = limit / 2 - costs[kept]; kept > 0 && room >= costs[kept - 1]; kept--)
            room -= costs[kept - 1];
        var older = messages.Take(kept).ToList();
        var newer = messages.Skip(kept).ToList();
        if (costs[^1] > limit / 2)
            newer[^1] = new ChatMessage(newer[^1].Role, Cut(newer[^1].Text, limit / 2));
        if (older.Count == 0)
            return new Shortened(newer, 0, "A message that was too long for the model's context was cut.");
        var summary = await SummarizeAsync(older, language, limit / 2, cancellationToken);
        return new Shortened([new ChatMessage(ChatRole.System, summary), .. newer], older.Count, summary);
    }

    private async Task<string> SummarizeAsync(List<ChatMessage> older, string language, int room, CancellationToken cancellationToken)
    {
        var chinese = language.StartsWith("zh", StringComparison.OrdinalIgnoreCase);
        var lines = string.Join('\n', older.Select(m => $"{m.Role.Value}: {m.Text}"));
        var task = chinese ? "用两三句话概括这段对话，保留姓名、数字和约定：\n" : "Sum up this conversation in two or three sentences. Keep names, numbers and what was agreed:\n";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // The newest of the older part matters most when not all of it fits.
            var asked = model.GetResponseAsync(
                [new ChatMessage(ChatRole.User, task + CutStart(lines, room))], new ChatOptions { MaxOutputTokens = SummaryTokens }, stop.Token);
            var answer = await asked.WaitAsync(options.FirstTokenTimeout, time, cancellationToken);
            if (answer.Text.Trim() is { Length: > 0 } text)
                return (chinese ? "此前的对话：" : "Earlier in this conversation: ") + text;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception)
        {
            await stop.CancelAsync();
        }

        return chinese ? "（更早的对话已省略。）" : "(The earlier part of this conversation was left out.)";
    }

    private string Cut(string text, int tokens) => text[..Fitting(text, tokens, fromEnd: false)] + " …";

    private string CutStart(string text, int tokens) => text[(text.Length - Fitting(text, tokens, fromEnd: true))..];

    // By halves, since counting tokens of a long text costs.
    private int Fitting(string text, int tokens, bool fromEnd)
    {
        var length = text.Length;
        while (length > 1 && counter.Count(fromEnd ? text[(text.Length - length)..] : text[..length]) > tokens)
            length -= Math.Max(1, length / 4);
        return length;
    }
}
