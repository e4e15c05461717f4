using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace VoiceConsole.Web.Data;

/// <summary>
/// The words of all turns, for searching (SQLite FTS5). Languages without spaces are split into characters, so that any run of
/// Chinese characters is found as a phrase, the usual two included, which a trigram index would miss.
/// </summary>
internal static partial class WordIndex
{
    private const int BatchSize = 2000;

    // A row's number is the conversation's key and the turn's number in one. The trigger in the migration knows it, too.
    private const long TurnsEach = 1 << 24;
    private const int MaxQuery = 500;

    /// <summary>Adds a turn, inside the caller's transaction.</summary>
    /// <param name="conversation">As <see cref="ConversationRow.SearchKey"/>.</param>
    public static Task AddAsync(ConsoleContext context, long conversation, TurnRow turn, CancellationToken cancellationToken) =>
        turn.Number is < 0 or >= TurnsEach ? Task.CompletedTask : context.Database.ExecuteSqlAsync(
            $"INSERT OR REPLACE INTO TurnWords (rowid, User, Reply) VALUES ({conversation * TurnsEach + turn.Number}, {Split(turn.UserText ?? "")}, {Split(turn.ReplyText)})",
            cancellationToken);

    /// <summary>Adds the turns that are over and not there yet: those of an older version, and those that a killed process left.</summary>
    public static async Task CatchUpAsync(ConsoleContext context, CancellationToken cancellationToken)
    {
        int count;
        do
        {
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            var turns = await context.Turns
                .FromSql($"""
                    SELECT t.* FROM Turns AS t JOIN Conversations AS c ON c.Id = t.ConversationId
                    WHERE t.Outcome IS NOT NULL AND t.Number >= 0 AND t.Number < {TurnsEach}
                        AND c.SearchKey * {TurnsEach} + t.Number NOT IN (SELECT rowid FROM TurnWords) LIMIT {BatchSize}
                    """)
                .AsNoTracking().Include(t => t.Conversation).ToListAsync(cancellationToken);
            foreach (var turn in turns)
                await AddAsync(context, turn.Conversation!.SearchKey, turn, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            count = turns.Count;
        }
        while (count == BatchSize);
    }

    /// <summary>The first turn of each conversation in which the words stand, by <see cref="ConversationRow.SearchKey"/>.</summary>
    /// <param name="query">As <see cref="Query"/> makes it.</param>
    public static async Task<Dictionary<long, long>> FindAsync(ConsoleContext context, string query, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, long>();
        await context.Database.OpenConnectionAsync(cancellationToken);
        await using var command = context.Database.GetDbConnection().CreateCommand();
        // No other table is needed, which is what makes a word of every turn bearable.
        command.CommandText = "SELECT rowid FROM TurnWords WHERE TurnWords MATCH $query ORDER BY rowid";
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("$query", query);
        command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        // Already asynchronous in name only: one call a row would cost more than the row.
        while (reader.Read())
        {
            var row = reader.GetInt64(0);
            found.TryAdd(row / TurnsEach, row % TurnsEach);
        }

        return found;
    }

    /// <summary>
    /// What a person typed, as a query: every word must occur, as the beginning of a word; words in "double quotes" in that
    /// order and in full. Null when there is nothing to look for.
    /// </summary>
    public static string? Query(string text)
    {
        var query = new StringBuilder();
        foreach (var (words, quoted) in Terms(text))
        {
            var split = Split(words).Trim();
            // A quote inside a phrase would end it.
            query.Append(query.Length > 0 ? " " : "").Append('"').Append(split).Append('"');
            if (!quoted && !IsWordByItself(Rune.GetRuneAt(split, split.Length - (char.IsLowSurrogate(split[^1]) ? 2 : 1))))
                query.Append('*');
        }

        return query.Length == 0 ? null : query.ToString();
    }

    /// <summary>The words that are looked for, as typed, for marking them in a text.</summary>
    public static IReadOnlyList<string> Words(string text) => [.. Terms(text).Select(t => t.Words)];

    /// <summary>Characters that are words by themselves, apart.</summary>
    internal static string Split(string text)
    {
        if (text.All(char.IsAscii))
            return text;
        var split = new StringBuilder(text.Length * 2);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsWordByItself(rune))
                split.Append(' ').Append(rune).Append(' ');
            else
                split.Append(rune);
        }

        return split.ToString();
    }

    private static IEnumerable<(string Words, bool Quoted)> Terms(string text)
    {
        foreach (Match match in Term().Matches(text.Length > MaxQuery ? text[..MaxQuery] : text))
        {
            var quoted = match.Groups["phrase"].Success;
            var words = new string([.. (quoted ? match.Groups["phrase"].Value : match.Value).Select(c => c == '"' || char.IsControl(c) ? ' ' : c)]).Trim();
            // The index has letters and figures only: what has none matches nothing.
            if (words.EnumerateRunes().Any(Rune.IsLetterOrDigit))
                yield return (words, quoted);
        }
    }

    // Kana, and the ideographs of all planes.
    private static bool IsWordByItself(Rune rune) => rune.Value is (>= 0x3040 and <= 0x30ff) or (>= 0x3400 and <= 0x4dbf) or (>= 0x4e00 and <= 0x9fff)
        or (>= 0xf900 and <= 0xfaff) or (>= 0x20000 and <= 0x3ffff);

    [GeneratedRegex("\"(?<phrase>[^\"]*)\"|[^\\s\"]+", RegexOptions.ExplicitCapture)]
    private static partial Regex Term();
}
