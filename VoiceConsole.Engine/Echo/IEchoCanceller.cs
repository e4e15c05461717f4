namespace VoiceConsole.Engine.Echo;

/// <summary>Removes from the microphone what the loudspeaker put there. Per-frame work: no allocation, lock, log or wait.</summary>
public interface IEchoCanceller : IDisposable
{
    /// <summary>The engine's catalogue id, for example "none", "speex" or "webrtc".</summary>
    string Id { get; }

    /// <summary>Samples it delays the sound by.</summary>
    int DelaySamples { get; }

    /// <summary>Cancels one 10 ms frame at 16 kHz.</summary>
    /// <param name="captured">Microphone.</param>
    /// <param name="rendered">What was really rendered in the same interval of the device clock.</param>
    /// <param name="cleaned">Receives the result; may be the same memory as <paramref name="captured"/>.</param>
    void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, Span<float> cleaned);

    /// <summary>Forgets the echo path, after a jump of the clock or a change of device.</summary>
    void Reset();
}
