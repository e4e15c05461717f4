using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo.SelfTest;

namespace VoiceConsole.Web.Live;

/// <summary>One echo self-test on a device, with the console's own voice and canceller.</summary>
internal static class SelfTestRun
{
    // Enough for a filter to learn from, and then to be judged.
    private const string Speech = "This is a test of the loudspeaker and the microphone. The console listens to its own voice, and learns how it sounds in this room. Please be quiet until it is over.";

    /// <param name="loader">Has the parts.</param>
    /// <param name="request">Device, microphone, loudspeaker, room and language.</param>
    /// <param name="canceller">An engine's id, or null for the default.</param>
    /// <param name="progress">Receives 0 to 1 while it sounds.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="AudioDeviceException">The device cannot be opened, or was lost.</exception>
    public static async Task<SelfTestResult> RunAsync(EngineLoader loader, ConversationRequest request, string? canceller, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var speech = new List<float>();
        await using (var voice = await loader.VoiceAsync(null, cancellationToken))
        {
            await foreach (var part in voice.SynthesizeAsync(Speech, "en", cancellationToken))
                speech.AddRange(Resampler.Convert(part.Samples.Span, part.SampleRate, AudioFormat.Engine.SampleRate));
        }

        using var engine = await loader.CancellerAsync(canceller, cancellationToken);
        await using var device = await ConversationFactory.OpenDeviceAsync(loader, request, TimeProvider.System, cancellationToken);
        return await new EchoSelfTest(device, engine).RunAsync(speech.ToArray(), progress, cancellationToken);
    }
}
