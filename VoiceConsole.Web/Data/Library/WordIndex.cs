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
    private const int MaxQuery = 500;

    /// <summary>Adds a turn, inside the caller's transaction.</summary>
    public static Task<int> AddAsync(ConsoleContext context, TurnRow turn, CancellationToken cancellationToken) => context.Database.ExecuteSqlAsync(
        $"INSERT OR REPLACE INTO TurnWords (rowid, User, Reply) VALUES ({turn.Id}, {Split(turn.UserText ?? "")}, {Split(turn.ReplyText)})", cancellationToken);

    /// <summary>Adds the turns that are over and not there yet: those of an older version, and those that a killed process left.</summary>
    public static async Task CatchUpAsync(ConsoleContext context, CancellationToken cancellationToken)
    {
        List<TurnRow> turns;
        do
        {
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            turns = await context.Turns
                .FromSql($"SELECT * FROM Turns WHERE Outcome IS NOT NULL AND Id NOT IN (SELECT rowid FROM TurnWords) LIMIT {BatchSize}")
                .AsNoTracking().ToListAsync(cancellationToken);
            foreach (var turn in turns)
                await AddAsync(context, turn, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        while (turns.Count == BatchSize);
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
