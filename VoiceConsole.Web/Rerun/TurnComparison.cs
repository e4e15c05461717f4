using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Rerun;

/// <summary>What differs between a turn and its like.</summary>
[Flags]
public enum TurnDifference
{
    None = 0,

    /// <summary>The user's speech begins or ends elsewhere.</summary>
    Speech = 1,

    /// <summary>The turn was taken to be over at another moment after the speech.</summary>
    EndOfTurn = 2,
    Transcript = 4,
    Reply = 8,
    Outcome = 16,
    Verdicts = 32,

    /// <summary>Only one of the two has this turn.</summary>
    Missing = 64,
}

/// <summary>A turn of the recording beside the one of the rerun that covers the same speech; one of the two may be missing.</summary>
public sealed record TurnPair(TurnFacts? Before, TurnFacts? After, TurnDifference Differences);

/// <summary>Lays two conversations over the same recording side by side. Pure.</summary>
public static class TurnComparison
{
    /// <summary>Seconds that do not count: the clock of a live conversation is a few frames late.</summary>
    public const double Tolerance = 0.05;

    /// <param name="before">In the order of their beginnings.</param>
    /// <param name="after">The same.</param>
    /// <returns>Every turn of both once, in the order of time.</returns>
    public static IReadOnlyList<TurnPair> Of(IReadOnlyList<TurnFacts> before, IReadOnlyList<TurnFacts> after)
    {
        var pairs = new List<TurnPair>();
        var (b, a) = (0, 0);
        while (b < before.Count || a < after.Count)
        {
            if (b == before.Count || (a < after.Count && IsBefore(after[a], before[b])))
                pairs.Add(new TurnPair(null, after[a++], TurnDifference.Missing));
            else if (a == after.Count || IsBefore(before[b], after[a]))
                pairs.Add(new TurnPair(before[b++], null, TurnDifference.Missing));
            else
                pairs.Add(new TurnPair(before[b], after[a], Differences(before[b++], after[a++])));
        }

        return pairs;
    }

    // The one is over before the other begins; what is typed has no length.
    private static bool IsBefore(TurnFacts one, TurnFacts other) => one.To < other.From - Tolerance;

    private static TurnDifference Differences(TurnFacts before, TurnFacts after)
    {
        var differences = TurnDifference.None;
        if (!IsNear(before.From, after.From) || !IsNear(before.To, after.To))
            differences |= TurnDifference.Speech;
        if (before.Decided is null != after.Decided is null || !IsNear(Wait(before), Wait(after)))
            differences |= TurnDifference.EndOfTurn;
        if (Plain(before.Words) != Plain(after.Words))
            differences |= TurnDifference.Transcript;
        if (!IsSameReply(before, after))
            differences |= TurnDifference.Reply;
        if (before.Outcome != after.Outcome)
            differences |= TurnDifference.Outcome;
        if (!before.Verdicts.Select(Name).SequenceEqual(after.Verdicts.Select(Name)))
            differences |= TurnDifference.Verdicts;
        return differences;
    }

    private static string Name(VerdictReached verdict) => verdict.Verdict;

    private static double Wait(TurnFacts turn) => (turn.Decided ?? turn.To) - turn.To;

    private static bool IsNear(double one, double other) => Math.Abs(one - other) <= Tolerance;

    // How far an interrupted reply had been written depends on when it was cut off.
    private static bool IsSameReply(TurnFacts before, TurnFacts after)
    {
        var (one, other) = (Plain(before.Reply), Plain(after.Reply));
        return one == other
            || (before.Outcome is "interrupted" or "dropped" && other.StartsWith(one, StringComparison.Ordinal))
            || (after.Outcome is "interrupted" or "dropped" && one.StartsWith(other, StringComparison.Ordinal));
    }

    private static string Plain(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
