namespace VoiceConsole.Engine.Speech;

/// <summary>Says how likely a short window of sound is speech. Per-frame work: no allocation, lock, log or wait.</summary>
public interface IVoiceDetector : IDisposable
{
    string Id { get; }

    /// <summary>Samples of one window at 16 kHz (512 for Silero).</summary>
    int WindowSamples { get; }

    /// <summary>The probability of speech in the next window, 0 to 1.</summary>
    float Detect(ReadOnlySpan<float> window);

    /// <summary>Forgets what was heard so far.</summary>
    void Reset();
}
