namespace VoiceConsole.Engine.Audio;

/// <summary>
/// A microphone and a loudspeaker on one sample clock. All members but the frame-ready callback are used from one thread
/// (the conversation's loop); none of <see cref="TryRead"/>, <see cref="Write"/>, <see cref="Discard"/> blocks or allocates.
/// </summary>
public interface IAudioDevice : IAsyncDisposable
{
    /// <summary>For people: what is plugged in, for example "room: office, RT60 0.3 s".</summary>
    string Name { get; }

    /// <summary>The format of frames in and out, resampled by the device where the hardware differs.</summary>
    AudioFormat Format { get; }

    SampleClock Clock { get; }

    AudioDeviceStatus Status { get; }

    /// <summary>
    /// Begins capture and rendering at position 0. <paramref name="frameReady"/> is called on any thread whenever
    /// <see cref="TryRead"/> or <see cref="Status"/> may have something new; it neither blocks nor allocates.
    /// </summary>
    /// <exception cref="AudioDeviceException">There is no such device, or it cannot be opened; the message names the remedy.</exception>
    void Start(Action frameReady);

    /// <summary>Takes the next frame, oldest first. When frames pile up the device drops the oldest and counts them, and the clock jumps by as much.</summary>
    bool TryRead(out AudioFrame frame);

    /// <summary>How many samples <see cref="Write"/> takes now. Small (20–30 ms), since what is queued here is what a barge-in cannot take back from the device's own buffer.</summary>
    int WritableSamples { get; }

    /// <summary>Queues samples for the loudspeaker; at most <see cref="WritableSamples"/>.</summary>
    /// <param name="samples">Sound to render, full scale ±1.</param>
    /// <param name="more">True while the caller has more to say: only then does running dry count as an underrun.</param>
    void Write(ReadOnlySpan<float> samples, bool more);

    /// <summary>Drops what is queued and not rendered yet. Returns how many samples were dropped.</summary>
    int Discard();
}
