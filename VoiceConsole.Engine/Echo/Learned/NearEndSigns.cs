using System.Numerics.Tensors;

namespace VoiceConsole.Engine.Echo.Learned;

/// <summary>
/// What the guard knows of the last 400 ms, as numbers of about the same size: signs of the newest frame, and their means over
/// four stretches. Allocates nothing after construction.
/// </summary>
internal sealed class NearEndSigns
{
    /// <summary>Signs of one frame: two for each of the <see cref="BandLevels"/>, and <see cref="Singles"/>.</summary>
    public const int Count = 2 * BandLevels.Count + Singles;

    /// <summary>Signs that belong to no band.</summary>
    public const int Singles = 12;

    /// <summary>Where the detector's opinion is among them, and the level of what the filter leaves.</summary>
    public const int Detector = 2 * BandLevels.Count + 5, Level = 2 * BandLevels.Count + 9;

    /// <summary>That level at −40 dBFS.</summary>
    public const float Loud = 20 / 30f;

    /// <summary>Numbers that are judged.</summary>
    public const int Inputs = 4 * Count;

    private const int Longest = 40;

    // Frames of the stretches.
    private static readonly int[] s_stretches = [3, 8, 20, Longest];

    // A ring of frames, and for each stretch the sum of its frames.
    private readonly float[] _frames = new float[Longest * Count], _sums = new float[Inputs], _inputs = new float[Inputs];
    private int _next;

    /// <summary>Means of the signs, stretch by stretch, the shortest first. What lies before the reply counts as 0.</summary>
    public ReadOnlySpan<float> Values => _inputs;

    /// <summary>Frames of this reply so far.</summary>
    public int Frames { get; private set; }

    /// <param name="signs">Those of the newest frame.</param>
    public void Add(ReadOnlySpan<float> signs)
    {
        for (var stretch = 0; stretch < s_stretches.Length; stretch++)
        {
            var sum = _sums.AsSpan(stretch * Count, Count);
            var oldest = _frames.AsSpan((_next + Longest - s_stretches[stretch]) % Longest * Count, Count);
            TensorPrimitives.Add(sum, signs, sum);
            TensorPrimitives.Subtract(sum, oldest, sum);
            TensorPrimitives.Multiply(sum, 1f / s_stretches[stretch], _inputs.AsSpan(stretch * Count, Count));
        }

        signs.CopyTo(_frames.AsSpan(_next * Count));
        _next = (_next + 1) % Longest;
        Frames++;
    }

    /// <summary>Another reply begins.</summary>
    public void Reset()
    {
        if (Frames == 0)
            return;
        Array.Clear(_frames);
        Array.Clear(_sums);
        Array.Clear(_inputs);
        (_next, Frames) = (0, 0);
    }
}
