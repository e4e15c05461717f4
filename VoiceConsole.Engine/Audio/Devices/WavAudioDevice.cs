namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// A recording as the microphone, whatever its format; the loudspeaker is heard by nobody but the recorder. After the end of
/// the recording the microphone goes on with silence, so that the reply can be played.
/// </summary>
public sealed class WavAudioDevice : PacedDevice
{
    private readonly WavReader _reader;
    private readonly Resampler? _resampler;
    private readonly float[] _block;
    private readonly float[] _converted;
    private int _next;
    private int _ready;
    private bool _ended;

    /// <exception cref="InvalidDataException">Not a WAV file, one whose header cannot be true, or one without sound.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public WavAudioDevice(string path, TimeProvider time) : base($"recording: {Path.GetFileName(path)}", time)
    {
        _reader = WavReader.OpenSound(path);
        _block = new float[_reader.SampleRate / 100];
        if (_reader.SampleRate != Format.SampleRate)
            _resampler = new Resampler(_reader.SampleRate, Format.SampleRate);
        _converted = new float[_resampler?.MaxOutput(_block.Length) ?? _block.Length];
    }

    protected override bool HasEnded => _ended;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _reader.Dispose();
    }

    protected override void Capture(ReadOnlySpan<float> rendered, Span<float> captured)
    {
        while (!captured.IsEmpty)
        {
            if (_next == _ready && !Advance())
            {
                captured.Clear();
                return;
            }

            var count = Math.Min(captured.Length, _ready - _next);
            _converted.AsSpan(_next, count).CopyTo(captured);
            _next += count;
            captured = captured[count..];
        }
    }

    private bool Advance()
    {
        (_next, _ready) = (0, 0);
        while (_ready == 0 && !_ended)
        {
            var read = _reader.Read(_block);
            // What the filter still holds at the end is 2 ms at most: less than the silence that follows.
            _ended = read == 0;
            if (_resampler is not null)
                _ready = _resampler.Process(_block.AsSpan(0, read), _converted);
            else
                _block.AsSpan(0, _ready = read).CopyTo(_converted);
        }

        return _ready > 0;
    }
}
