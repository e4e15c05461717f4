namespace VoiceConsole.Engine.Audio;

/// <summary>
/// One 10 ms frame as the device saw it: what the microphone heard and what the loudspeaker was really sent in the same
/// interval. The spans are the device's own buffers, valid until its next <see cref="IAudioDevice.TryRead"/>.
/// </summary>
/// <param name="captured">Microphone, <see cref="AudioFormat.FrameSamples"/> samples.</param>
/// <param name="rendered">Loopback of what left for the loudspeaker in the same interval; zeros where nothing was queued.</param>
/// <param name="position">Device-clock position of the frame's first sample. Frames follow each other without gaps.</param>
/// <param name="renderedTotal">
/// How many of the samples given to <see cref="IAudioDevice.Write"/> had been rendered by the end of this frame, discarded ones not counted.
/// </param>
/// <param name="played">
/// What was rendered of the samples given to the device, where the room heard something else in the same interval: a recording's
/// loudspeaker. Empty where the room heard just that.
/// </param>
public readonly ref struct AudioFrame(
    ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, long position, long renderedTotal, ReadOnlySpan<float> played = default)
{
    public ReadOnlySpan<float> Captured { get; } = captured;
    public ReadOnlySpan<float> Rendered { get; } = rendered;
    public ReadOnlySpan<float> Played { get; } = played.IsEmpty ? rendered : played;

    /// <summary>The room heard what was played.</summary>
    public bool IsHeard { get; } = played.IsEmpty;

    public long Position { get; } = position;
    public long RenderedTotal { get; } = renderedTotal;

    /// <summary>Position just after the frame's last sample.</summary>
    public long End => Position + Captured.Length;
}
