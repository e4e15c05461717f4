using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>
/// Conversations packed into windows of equal length. Each keeps to itself: its positions begin at 0, as in a prompt. The label
/// of a token is the token after it, where that is learnt.
/// </summary>
internal sealed class TokenWindows
{
    /// <summary>The label of a token after which nothing is learnt.</summary>
    public const int NotCounted = -1;

    // A plan decides the whole reply, so it counts as much as so many of its words.
    private const int PlanTimes = 4;

    // Windows that are looked through for room; more would cost time and gain little.
    private const int OpenWindows = 64;

    private readonly List<int[]> _tokens = [], _positions = [], _labels = [], _times = [];

    /// <param name="lessons">Those longer than a window are cut.</param>
    /// <param name="length">Tokens of a window, 2 or more.</param>
    public TokenWindows(IEnumerable<Lesson> lessons, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2);
        Length = length;
        var used = new List<int>();
        foreach (var lesson in lessons)
        {
            for (var from = 0; from < lesson.Tokens.Length - 1; from += length)
                Pack(lesson, from, Math.Min(length, lesson.Tokens.Length - 1 - from), used);
        }
    }

    /// <summary>Tokens of a window.</summary>
    public int Length { get; }

    public int Count => _tokens.Count;

    /// <summary>Tokens that are learnt, each as often as it counts.</summary>
    public long Counted => _times.Sum(t => (long)t.Sum());

    /// <summary>The same of the window that has most of them.</summary>
    public int MostCounted => _times.Max(t => (int?)t.Sum()) ?? 0;

    /// <summary>The same for the same windows only.</summary>
    public string Fingerprint
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var part in _tokens.Concat(_positions).Concat(_labels).Concat(_times))
                hash.AppendData(MemoryMarshal.AsBytes(part.AsSpan()));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    public ReadOnlySpan<int> Tokens(int window) => _tokens[window];

    /// <summary>Places in their conversations, from 0; 0 where the window is empty.</summary>
    public ReadOnlySpan<int> Positions(int window) => _positions[window];

    /// <summary>The token after each, or <see cref="NotCounted"/>.</summary>
    public ReadOnlySpan<int> Labels(int window) => _labels[window];

    /// <summary>How often each label counts; 0 for <see cref="NotCounted"/>.</summary>
    public ReadOnlySpan<int> Times(int window) => _times[window];

    /// <summary>The windows in an order of chance, the same for the same seed and epoch.</summary>
    public int[] Order(int seed, int epoch)
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        // 7919 keeps the epochs of neighbouring seeds apart.
        new Random(unchecked((seed * 7919) + epoch)).Shuffle(order);
        return order;
    }

    private void Pack(Lesson lesson, int from, int count, List<int> used)
    {
        var window = Math.Max(0, used.Count - OpenWindows);
        while (window < used.Count && used[window] + count > Length)
            window++;
        if (window == used.Count)
        {
            used.Add(0);
            _tokens.Add(new int[Length]);
            _positions.Add(new int[Length]);
            _times.Add(new int[Length]);
            _labels.Add([.. Enumerable.Repeat(NotCounted, Length)]);
        }

        for (var i = 0; i < count; i++)
        {
            var at = used[window] + i;
            _tokens[window][at] = lesson.Tokens[from + i];
            _positions[window][at] = i;
            if (!lesson.IsLearnt[from + i + 1])
                continue;
            _labels[window][at] = lesson.Tokens[from + i + 1];
            _times[window][at] = from + i + 1 == lesson.PlanAt ? PlanTimes : 1;
        }

        used[window] += count;
    }
}
