using System.Text;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Engine.Language;

/// <summary>
/// Keeps the history within the model's context: when it fills <see cref="ConversationOptions.SummarizeAt"/> of it, the older
/// half gives way to a summary by the model, or to a note when the model cannot give one. The newest turns stay.
/// </summary>
/// <param name="model">Writes the summaries.</param>
/// <param name="counter">Knows the context; ask the model for it.</param>
/// <param name="options">The share of the context and the time the model has.</param>
/// <param name="time">The conversation's time.</param>
public sealed class HistorySummarizer(IChatClient model, ITokenCounter counter, ConversationOptions options, TimeProvider time)
{
    private const int MaxSummaryTokens = 200;

    // Tokens a template puts around a message, rounded up.
    private const int PerMessage = 8;

    // Beyond that many characters a text is not handed to the tokenizer whole: it is too large by any measure.
    private const int MaxCounted = 40_000;

    // A server that takes longer to say how much it holds has other troubles.
    private static readonly TimeSpan s_learning = TimeSpan.FromSeconds(2);

    private int Budget => Math.Max(32, (int)(counter.ContextTokens * options.SummarizeAt) - counter.Count(options.SystemPrompt) - PerMessage);

    /// <summary>The shorter history, or null while the present one fits.</summary>
    /// <exception cref="OperationCanceledException">Cancelled by the token.</exception>
    public async Task<Shortened?> ShortenAsync(IReadOnlyList<ChatMessage> messages, string language, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        await LearnContextAsync(cancellationToken);
        var budget = Budget;
        if (messages.Sum(TokensOf) <= budget)
            return null;

        // A message may be too long by itself: half of the room is left for the rest.
        var kept = messages.Select(m => Truncate(m, budget / 2, language)).ToList();
        var truncated = kept.Where((m, i) => !ReferenceEquals(m, messages[i])).Count();
        if (kept.Sum(TokensOf) <= budget)
            return new Shortened(kept, truncated, Note(language));

        var split = SplitPoint(kept, budget / 2);
        var older = kept.Take(split).ToList();
        var newer = kept.Skip(split).ToList();
        var summary = await SummarizeAsync(older, budget / 2, language, cancellationToken) ?? Note(language);
        newer.Insert(0, new ChatMessage(ChatRole.System, summary));
        return new Shortened(newer, split + newer.Count(m => m.Text.EndsWith(Cut(language), StringComparison.Ordinal)), summary);
    }

    private async Task LearnContextAsync(CancellationToken cancellationToken)
    {
        // A server lives on the world's time.
        using var hold = (time as VirtualTime)?.Hold();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_learning);
        try
        {
            await counter.LearnAsync(limit.Token);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // What is wrong with the model is said when it is asked for the reply.
        }
    }

    // The newer half begins with a user's message; the last one always stays.
    private int SplitPoint(List<ChatMessage> messages, int room)
    {
        var used = 0;
        var split = messages.Count - 1;
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            used += TokensOf(messages[i]);
            if (used > room)
                break;
            if (messages[i].Role == ChatRole.User)
                split = i;
        }

        return split;
    }

    private async Task<string?> SummarizeAsync(List<ChatMessage> older, int room, string language, CancellationToken cancellationToken)
    {
        if (older.Count == 0)
            return null;
        var isChinese = language.StartsWith("zh", StringComparison.OrdinalIgnoreCase);
        var instruction = isChinese
            ? "请用几句话概括下面的对话，保留姓名、数字和约定的事情。只写概括。"
            : "Summarise the conversation below in a few sentences. Keep names, numbers and what was agreed. Write only the summary.";
        var text = new StringBuilder();
        foreach (var message in older)
            text.Append(message.Role.Value).Append(": ").AppendLine(message.Text);
        ChatMessage[] prompt = [new(ChatRole.System, instruction), new(ChatRole.User, Head(text.ToString(), Math.Max(32, room)))];
        var summary = new StringBuilder();
        try
        {
            using var attempt = new ReplyAttempt(model, prompt, new ChatOptions { MaxOutputTokens = MaxSummaryTokens }, time, cancellationToken);
            var started = time.GetTimestamp();
            for (var tokens = 0; tokens < MaxSummaryTokens; tokens++)
            {
                if (await attempt.NextAsync(options.FirstTokenTimeout - time.GetElapsedTime(started)) is not { } piece)
                    break;
                summary.Append(piece);
            }
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A summary is a kindness; without it the oldest messages are dropped with a note.
            return null;
        }

        var spoken = Spoken(summary.ToString(), language);
        return spoken.Length == 0 ? null : (isChinese ? "之前对话的概括：" : "Summary of the conversation so far: ") + Head(spoken, MaxSummaryTokens);
    }

    private static string Spoken(string text, string language)
    {
        var splitter = new SentenceSplitter(language);
        return string.Join(' ', splitter.Append(text).Concat(splitter.Complete()).Select(s => s.Text));
    }

    private ChatMessage Truncate(ChatMessage message, int room, string language)
    {
        if (TokensOf(message) <= room)
            return message;
        var cut = Cut(language);
        return new ChatMessage(message.Role, Head(message.Text, Math.Max(8, room - PerMessage - counter.Count(cut))) + cut)
        {
            AdditionalProperties = message.AdditionalProperties,
        };
    }

    // The longest beginning that has at most that many tokens, near enough: found by halving.
    private string Head(string text, int tokens)
    {
        if (text.Length <= MaxCounted && counter.Count(text) <= tokens)
            return text;
        var (low, high) = (0, Math.Min(text.Length, MaxCounted));
        while (high - low > 16)
        {
            var middle = (low + high) / 2;
            if (counter.Count(text[..middle]) <= tokens)
                low = middle;
            else
                high = middle;
        }

        return low > 0 && char.IsHighSurrogate(text[low - 1]) ? text[..(low - 1)] : text[..low];
    }

    private int TokensOf(ChatMessage message) =>
        PerMessage + (message.Text.Length > MaxCounted ? counter.ContextTokens : counter.Count(message.Text));

    private static string Note(string language) => language.StartsWith("zh", StringComparison.OrdinalIgnoreCase)
        ? "为了腾出空间，较早的对话已被省略。"
        : "Earlier parts of the conversation were left out to save room.";

    private static string Cut(string language) => language.StartsWith("zh", StringComparison.OrdinalIgnoreCase)
        ? " [文本过长，其余部分已省略]"
        : " [The rest was too long and has been left out.]";
}
