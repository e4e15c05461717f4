using System.Text.RegularExpressions;

namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>Finds what points to a person: addresses, numbers of phones, cards, accounts and identity papers.</summary>
internal sealed class PersonalData(string? lists = null)
{
    // A pattern that takes this long on a record was made to. Less would let a busy machine decide what is in a data set.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly (string Name, Regex Pattern, string? Check)[] _rules =
        [.. CleaningLists.Read<Rule[]>("personal.json", lists).Select(r => (r.Name, new Regex(r.Pattern, RegexOptions.CultureInvariant, s_patience), r.Check))];

    /// <summary>What kind of personal data the text has, without repeating it; null when it has none.</summary>
    public string? Find(string text)
    {
        foreach (var (name, pattern, check) in _rules)
        {
            for (var match = pattern.Match(text); match.Success; match = match.NextMatch())
            {
                if (Holds(check, match.Value))
                    return name;
            }
        }

        return null;
    }

    private static bool Holds(string? check, string found) => check switch
    {
        null => true,
        "luhn" => IsLuhn([.. found.Where(char.IsAsciiDigit).Select(c => c - '0')]),
        "chineseId" => IsChineseId(found),
        "iban" => IsIban(found.Replace(" ", "", StringComparison.Ordinal)),
        _ => throw new InvalidDataException($"The list personal.json names the check '{check}'; checks are luhn, chineseId and iban."),
    };

    private static bool IsLuhn(int[] digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] * (i % 2 == 0 ? 1 : 2);
            sum += digit > 9 ? digit - 9 : digit;
        }

        return sum > 0 && sum % 10 == 0;
    }

    // GB 11643: weights are powers of two modulo 11, the last character makes the sum 1.
    private static bool IsChineseId(string id)
    {
        var sum = 0;
        for (var i = 0; i < 17; i++)
            sum += (id[i] - '0') * ((1 << (17 - i)) % 11);
        var last = id[17] is 'X' or 'x' ? 10 : id[17] - '0';
        return (sum + last) % 11 == 1;
    }

    // ISO 13616: country and check digits to the end, letters as 10 to 35, modulo 97.
    private static bool IsIban(string account)
    {
        var rest = 0;
        foreach (var c in account[4..] + account[..4])
            rest = char.IsAsciiDigit(c) ? ((rest * 10) + c - '0') % 97 : ((rest * 100) + c - 'A' + 10) % 97;
        return account.Length >= 15 && rest == 1;
    }

    private sealed record Rule(string Name, string Pattern, string? Check);
}
