namespace VoiceConsole.Engine.Audio;

/// <summary>
/// Keeps a conversation's three tracks on one clock: sample n of every file is position n of the device. The loop only fills
/// rings; a thread of the recorder's own writes. What could not be written in time, or was skipped by the device, is silence.
/// A disk that refuses ends the recording, never the conversation: <see cref="Problem"/> says why, and the tracks keep what they have.
/// </summary>
public sealed class TrackRecorder : IDisposable
{
    /// <summary>The files' names in the recording's folder.</summary>
    public const string Microphone = "microphone.wav", Loopback = "loopback.wav", Processed = "processed.wav";

    private static readonly float[] s_silence = new float[1600];
    private readonly List<Track> _tracks = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread? _writer;
    private readonly int _flushEvery;
    private long _dropped;
    private int _untilFlush;
    private volatile string? _problem;
    private volatile bool _complete;

    /// <param name="folder">Created; existing tracks in it are overwritten.</param>
    /// <param name="format">The device's.</param>
    /// <param name="processedDelay">Samples by which the processed sound lags behind the microphone.</param>
    /// <param name="inline">Write on the caller's thread, for virtual time, which must not run ahead of the disk.</param>
    public TrackRecorder(string folder, AudioFormat format, int processedDelay = 0, bool inline = false)
    {
        Folder = Path.GetFullPath(folder);
        _flushEvery = 5 * format.SampleRate;
        try
        {
            Directory.CreateDirectory(Folder);
            foreach (var name in (string[])[Microphone, Loopback, Processed])
                _tracks.Add(new Track(Folder, name, format) { Skip = name == Processed ? processedDelay : 0 });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Stop("could not be begun", error);
            return;
        }

        if (inline)
            return;
        _writer = new Thread(WriteUntilComplete) { IsBackground = true, Name = "recorder" };
        _writer.Start();
    }

    public string Folder { get; }

    /// <summary>Samples of a track replaced by silence because the disk was too slow.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Why nothing is written any more, or null.</summary>
    public string? Problem => _problem;

    /// <summary>Takes one frame. Allocates nothing, waits for nothing.</summary>
    /// <param name="microphone">What was captured.</param>
    /// <param name="loopback">What was rendered.</param>
    /// <param name="processed">What the pipeline worked with.</param>
    /// <param name="position">Of the frame's first sample.</param>
    public void Push(ReadOnlySpan<float> microphone, ReadOnlySpan<float> loopback, ReadOnlySpan<float> processed, long position)
    {
        if (_problem is not null || _complete)
            return;
        Interlocked.Add(ref _dropped, _tracks[0].Push(microphone, position));
        _tracks[1].Push(loopback, position);
        _tracks[2].Push(processed, position);
        // Twice a second is often enough for the disk and seldom enough for the loop.
        if (!_tracks[0].WantsWriting)
            return;
        if (_writer is null)
            WriteWhatIsThere();
        else
            _wake.Set();
    }

    /// <summary>Writes what is left and closes the files.</summary>
    public void Complete()
    {
        if (_complete)
            return;
        _complete = true;
        _wake.Set();
        _writer?.Join();
        // After a gap the tracks would no longer lie on the device's clock.
        if (_problem is null)
            WriteWhatIsThere();
        Close();
    }

    public void Dispose()
    {
        Complete();
        _wake.Dispose();
    }

    private void WriteUntilComplete()
    {
        while (!_complete && _problem is null)
        {
            _wake.WaitOne();
            WriteWhatIsThere();
        }
    }

    private void WriteWhatIsThere()
    {
        try
        {
            var written = 0;
            foreach (var track in _tracks)
                written = track.Drain();
            _untilFlush -= written;
            if (_untilFlush > 0)
                return;
            _untilFlush = _flushEvery;
            foreach (var track in _tracks)
                track.Flush();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Stop("stopped", error);
        }
    }

    private void Stop(string how, Exception error)
    {
        _problem = $"The recording in {Folder} {how}: {error.Message}";
        Close();
    }

    private void Close()
    {
        foreach (var track in _tracks)
        {
            try
            {
                track.Dispose();
            }
            catch (IOException error)
            {
                _problem ??= $"The recording's last part could not be written: {error.Message}";
            }
        }
    }

    private sealed class Track(string folder, string name, AudioFormat format) : IDisposable
    {
        private readonly SpscRing _ring = new(4 * format.SampleRate);
        private readonly float[] _block = new float[4096];
        private readonly WavWriter _writer = new(Path.Combine(folder, name), format.SampleRate);
        private long _expected;

        /// <summary>Samples to leave out at the beginning.</summary>
        public int Skip { get; set; }

        public bool WantsWriting => _ring.Count >= format.SampleRate / 2;

        // Returns how many samples of this frame had to be left out.
        public int Push(ReadOnlySpan<float> samples, long position)
        {
            while (_expected < position)
            {
                var silence = (int)Math.Min(position - _expected, s_silence.Length);
                var written = _ring.Write(s_silence.AsSpan(0, silence));
                _expected += written;
                if (written < silence)
                    return samples.Length;
            }

            if (_ring.Capacity - _ring.Count < samples.Length)
                return samples.Length;
            var skipped = Math.Min(Skip, samples.Length);
            Skip -= skipped;
            _ring.Write(samples[skipped..]);
            _expected = position + samples.Length;
            return 0;
        }

        public int Drain()
        {
            var total = 0;
            for (int count; (count = _ring.Read(_block)) > 0; total += count)
                _writer.Write(_block.AsSpan(0, count));
            return total;
        }

        public void Flush() => _writer.Flush();

        public void Dispose() => _writer.Dispose();
    }
}
