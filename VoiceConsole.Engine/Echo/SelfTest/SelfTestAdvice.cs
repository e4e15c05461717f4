namespace VoiceConsole.Engine.Echo.SelfTest;

/// <summary>What a self-test's figures mean for the user of the room.</summary>
internal static class SelfTestAdvice
{
    private const double LoudEcho = -6, LongDelay = 300, LongestDelay = 750, Distorted = -15, Noisy = -45, LongTail = 700, Drifts = 20, Weak = 15;

    public static IReadOnlyList<string> For(bool isAudible, double noiseDb, double delayMs, double returnLossDb, double tailMs, double distortionDb, double driftPpm, double cancellerErleDb)
    {
        var advice = new List<string>();
        if (!isAudible)
        {
            advice.Add("The loudspeaker was not heard. With headphones all is well; else check that it is on, not muted, and the right one.");
        }
        else
        {
            if (-returnLossDb > LoudEcho)
                advice.Add("The loudspeaker is nearly as loud at the microphone as it plays: turn it down, or move the microphone away from it.");
            if (distortionDb > Distorted)
                advice.Add("The loudspeaker distorts, and no canceller takes that away: turn it down, or use a larger one.");
            if (delayMs > LongestDelay)
                advice.Add("The sound takes longer than the echo filter reaches: use a cable in place of a wireless loudspeaker.");
            else if (delayMs > LongDelay)
                advice.Add("The sound takes long, as wireless loudspeakers do: a cable makes replies come sooner.");
            if (tailMs > LongTail)
                advice.Add("The room rings long: a microphone nearer to you hears less of that.");
            if (Math.Abs(driftPpm) > Drifts)
                advice.Add("Loudspeaker and microphone run on two clocks. The console follows that; one device for both does without.");
            if (cancellerErleDb < Weak)
                advice.Add("The canceller takes away little: expect to have to speak up to interrupt a reply.");
        }

        if (noiseDb > Noisy)
            advice.Add("The room is noisy: a microphone nearer to you, or a quieter place, makes it hear better.");
        if (advice.Count == 0)
            advice.Add("All is well: speak over a reply at any moment, and it stops.");
        return advice;
    }
}
