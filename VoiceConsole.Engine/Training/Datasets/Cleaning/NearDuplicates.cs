using System.Numerics;

namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>
/// Finds texts that are nearly the same, by MinHash over pieces of their letters: 128 hashes in 32 bands, so that two texts with
/// 85 % of their pieces in common meet in some band all but surely, and their hashes tell the share within about 4 %.
/// </summary>
/// <param name="threshold">Share of common pieces (Jaccard), 0 to 1, from which a text is a duplicate.</param>
internal sealed class NearDuplicates(double threshold)
{
    private const int Hashes = 128;
    private const int Rows = 4;

    // Letters to a piece; a Chinese character carries more than a letter.
    private const int LatinPiece = 5;
    private const int HanPiece = 2;

    private readonly Dictionary<ulong, List<int>> _bands = [];
    private readonly List<(string Id, ulong[] Signature)> _kept = [];

    /// <summary>The id of the text that this one repeats, or null; then it is kept as one that others may repeat.</summary>
    public string? FindOrKeep(string id, string plain, bool isChinese)
    {
        if (threshold > 1)
            return null;
        var signature = Signature(plain, isChinese ? HanPiece : LatinPiece);
        var keys = Enumerable.Range(0, Hashes / Rows).Select(band => Key(band, signature)).ToArray();
        foreach (var candidate in keys.SelectMany(k => _bands.GetValueOrDefault(k) ?? []).Distinct())
        {
            if (Similarity(signature, _kept[candidate].Signature) >= threshold)
                return _kept[candidate].Id;
        }

        foreach (var key in keys)
        {
            if (!_bands.TryGetValue(key, out var band))
                _bands[key] = band = [];
            band.Add(_kept.Count);
        }

        _kept.Add((id, signature));
        return null;
    }

    private static ulong[] Signature(string plain, int piece)
    {
        var signature = new ulong[Hashes];
        Array.Fill(signature, ulong.MaxValue);
        for (var at = 0; at <= Math.Max(0, plain.Length - piece); at++)
        {
            // FNV-1a, then one well-mixed value for each hash.
            var hash = 14695981039346656037UL;
            foreach (var c in plain.AsSpan(at, Math.Min(piece, plain.Length - at)))
                hash = (hash ^ c) * 1099511628211UL;
            for (var i = 0; i < Hashes; i++)
                signature[i] = Math.Min(signature[i], Mix(hash + ((ulong)i * 0x9E3779B97F4A7C15UL)));
        }

        return signature;
    }

    // The finaliser of SplitMix64.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }

    private static ulong Key(int band, ulong[] signature)
    {
        var key = (ulong)band;
        foreach (var value in signature.AsSpan(band * Rows, Rows))
            key = Mix(BitOperations.RotateLeft(key, 13) ^ value);
        return key;
    }

    private static double Similarity(ulong[] a, ulong[] b)
    {
        var same = 0;
        for (var i = 0; i < Hashes; i++)
            same += a[i] == b[i] ? 1 : 0;
        return (double)same / Hashes;
    }
}
