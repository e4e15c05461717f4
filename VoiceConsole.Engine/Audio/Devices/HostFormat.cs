namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>How a microphone and a loudspeaker are opened together: on one rate, each with its channels.</summary>
/// <param name="Rate">Samples a second of both.</param>
/// <param name="Inputs">Channels of the microphone, mixed evenly.</param>
/// <param name="Outputs">Channels of the loudspeaker; the sound goes to the first two.</param>
internal readonly record struct HostFormat(int Rate, int Inputs, int Outputs)
{
    private static readonly int[] s_commonRates = [48_000, 44_100, 32_000, 96_000, 192_000, 8000];

    /// <summary>Frames of one callback: 10 ms.</summary>
    public int BlockFrames => Rate / 100;

    /// <summary>What is worth a try, best first: the engine's own format, then the devices' rates, then common ones; few channels before many.</summary>
    public static IEnumerable<HostFormat> Candidates(HostDevice microphone, HostDevice loudspeaker)
    {
        int[] rates = [AudioFormat.Engine.SampleRate, (int)microphone.SampleRate, (int)loudspeaker.SampleRate, .. s_commonRates];
        return from rate in rates.Distinct()
               where rate is >= 8000 and <= 192_000
               from outputs in Channels(loudspeaker.Outputs)
               from inputs in Channels(microphone.Inputs)
               select new HostFormat(rate, inputs, outputs);
    }

    private static IEnumerable<int> Channels(int most) => new[] { 1, 2, most }.Distinct().Where(c => c <= most);
}
