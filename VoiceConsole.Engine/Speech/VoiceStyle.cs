namespace VoiceConsole.Engine.Speech;

/// <summary>How a neural voice shall speak. Null leaves a value at the voice's own; flite and espeak-ng have no such values.</summary>
/// <param name="Speaker">Of a voice that has several: a name or a number from 0.</param>
/// <param name="Length">Length of the sounds, 0.25 to 4: above 1 is slower.</param>
/// <param name="Noise">How much the sound varies, 0 to 2.</param>
/// <param name="LengthNoise">How much the rhythm varies, 0 to 2.</param>
public sealed record VoiceStyle(string? Speaker = null, float? Length = null, float? Noise = null, float? LengthNoise = null)
{
    /// <summary>One sentence for each value out of range; empty when all is well.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (Length is not (null or (>= 0.25f and <= 4))) problems.Add("The length scale must lie between 0.25 and 4.");
        if (Noise is not (null or (>= 0 and <= 2))) problems.Add("The noise scale must lie between 0 and 2.");
        if (LengthNoise is not (null or (>= 0 and <= 2))) problems.Add("The noise of the lengths must lie between 0 and 2.");
        return problems;
    }
}
