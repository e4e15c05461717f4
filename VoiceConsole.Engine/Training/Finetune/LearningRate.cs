namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>Rises in a straight line, then falls along half a cosine to a tenth.</summary>
/// <param name="Peak">The highest rate, above 0.</param>
/// <param name="WarmUp">Steps of the rise.</param>
/// <param name="Total">Steps in all.</param>
internal sealed record LearningRate(double Peak, long WarmUp, long Total)
{
    private const double Floor = 0.1;

    /// <summary>The rate of a step, which counts from 0; steps after the last have the lowest rate.</summary>
    public double At(long step)
    {
        if (step < WarmUp)
            return Peak * (step + 1) / WarmUp;
        var done = Math.Clamp((step - WarmUp) / (double)Math.Max(1, Total - WarmUp), 0, 1);
        return Peak * (Floor + ((1 - Floor) * 0.5 * (1 + Math.Cos(Math.PI * done))));
    }
}
