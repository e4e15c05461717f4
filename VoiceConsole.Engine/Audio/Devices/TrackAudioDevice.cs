namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// A stored conversation's microphone, beside what the loudspeaker rendered then. What is played now is rendered and counts as
/// said, but nobody hears it: the room keeps the sound it was recorded with. Ends with the recording.
/// </summary>
public sealed class TrackAudioDevice : PacedDevice
{
    private readonly WavReader _microphone;
    private readonly WavReader _loopback;
    private readonly float[] _heard;
    private bool _ended;

    /// <param name="folder">Holds the tracks as <see cref="TrackRecorder"/> writes them.</param>
    /// <param name="time">Of the conversation that is held over them.</param>
    /// <exception cref="InvalidDataException">A track is no WAV file, or not at the engine's sample rate.</exception>
    /// <exception cref="IOException">A track is missing or cannot be read.</exception>
    public TrackAudioDevice(string folder, TimeProvider time) : base("a stored recording", time)
    {
        _microphone = Open(folder, TrackRecorder.Microphone, Format);
        try
        {
            _loopback = Open(folder, TrackRecorder.Loopback, Format);
        }
        catch
        {
            _microphone.Dispose();
            throw;
        }

        _heard = new float[Format.FrameSamples];
    }

    protected override bool HasEnded => _ended;

    protected override ReadOnlySpan<float> Heard => _heard;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _microphone.Dispose();
        _loopback.Dispose();
    }

    protected override void Capture(ReadOnlySpan<float> rendered, Span<float> captured)
    {
        _ended |= Fill(_microphone, captured) < captured.Length;
        Fill(_loopback, _heard);
    }

    private static int Fill(WavReader track, Span<float> samples)
    {
        var read = track.Read(samples);
        samples[read..].Clear();
        return read;
    }

    // A recording that goes on may be read as well, as far as it has come.
    private static WavReader Open(string folder, string name, AudioFormat format)
    {
        var path = Path.Combine(folder, name);
        var track = new WavReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), name);
        if (track.SampleRate == format.SampleRate)
            return track;
        track.Dispose();
        throw new InvalidDataException($"{name} has {track.SampleRate:N0} samples a second; conversations are held at {format.SampleRate:N0}.");
    }
}
