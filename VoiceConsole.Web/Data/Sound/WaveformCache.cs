namespace VoiceConsole.Web.Data;

/// <summary>The outlines of the tracks that were looked at last, so that who comes back to a recording need not wait for them again. Thread-safe.</summary>
/// <param name="read">Makes an outline of a file; null for <see cref="WaveformPeaks.Read"/>.</param>
/// <param name="mostBytes">What all together may take. An hour of one track takes 1.4 MB.</param>
internal sealed class WaveformCache(Func<string, CancellationToken, WaveformPeaks>? read = null, long mostBytes = 32_000_000)
{
    private readonly Func<string, CancellationToken, WaveformPeaks> _read = read ?? WaveformPeaks.Read;
    private readonly Lock _lock = new();

    // The one that was looked at last at the end.
    private readonly List<Known> _known = [];

    /// <summary>The outline of a file as it is now; the file is read only where it has changed since.</summary>
    /// <exception cref="InvalidDataException">Not a WAV file that can be read.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public WaveformPeaks Read(string path, CancellationToken cancellationToken)
    {
        // Before it is read: what is written meanwhile is seen next time.
        var file = new FileInfo(path);
        var stamp = (file.Exists ? file.Length : 0, file.LastWriteTimeUtc);
        lock (_lock)
        {
            if (_known.Find(k => k.Path == path && k.Stamp == stamp) is { } known)
            {
                _known.Remove(known);
                _known.Add(known);
                return known.Peaks;
            }
        }

        var peaks = _read(path, cancellationToken);
        lock (_lock)
        {
            _known.RemoveAll(k => k.Path == path);
            _known.Add(new Known(path, stamp, peaks));
            while (_known.Sum(k => k.Peaks.Bytes) > mostBytes)
                _known.RemoveAt(0);
        }

        return peaks;
    }

    private sealed record Known(string Path, (long Length, DateTime Written) Stamp, WaveformPeaks Peaks);
}
