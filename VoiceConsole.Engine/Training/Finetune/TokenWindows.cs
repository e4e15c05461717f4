using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>A text of tokens, cut into windows of equal length; each token's label is the token after it.</summary>
internal sealed class TokenWindows
{
    private readonly int[] _tokens;

    /// <param name="conversations">Tokens of each; they follow each other without a gap.</param>
    /// <param name="length">Tokens of a window, 2 or more.</param>
    public TokenWindows(IEnumerable<IReadOnlyList<int>> conversations, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2);
        _tokens = [.. conversations.SelectMany(c => c)];
        Length = length;
        Count = Math.Max(0, (_tokens.Length - 1) / length);
    }

    public int Length { get; }

    /// <summary>The same for the same tokens only.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(_tokens.AsSpan())));

    /// <summary>Whole windows; what is left over at the end is not used.</summary>
    public int Count { get; }

    public ReadOnlySpan<int> Tokens(int window) => _tokens.AsSpan(window * Length, Length);

    public ReadOnlySpan<int> Labels(int window) => _tokens.AsSpan((window * Length) + 1, Length);

    /// <summary>The windows in an order of chance, the same for the same seed and epoch.</summary>
    public int[] Order(int seed, int epoch)
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        // 7919 keeps the epochs of neighbouring seeds apart.
        new Random(unchecked((seed * 7919) + epoch)).Shuffle(order);
        return order;
    }
}
