using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Web.Data;

/// <summary>The outline of a track: the lowest and the highest sample of every few milliseconds. Immutable.</summary>
public sealed class WaveformPeaks
{
    /// <summary>Samples in a peak at the finest; more where the track is so long that there would be too many.</summary>
    public const int Finest = 80;

    private const int MostPeaks = 2_000_000;
    private const int PeaksAtOnce = 1000;
    private readonly sbyte[] _low, _high;
    private readonly int _samplesEach;

    private WaveformPeaks(sbyte[] low, sbyte[] high, int samplesEach, int sampleRate, long samples)
    {
        (_low, _high, _samplesEach, SampleRate, Samples) = (low, high, samplesEach, sampleRate, samples);
        Loudest = Math.Max(low.Select(l => -l).DefaultIfEmpty().Max(), high.Select(h => (int)h).DefaultIfEmpty().Max()) / 127f;
    }

    public int SampleRate { get; }

    public long Samples { get; }

    /// <summary>0 to 1.</summary>
    public float Loudest { get; }

    public double Seconds => Samples / (double)SampleRate;

    /// <summary>What it takes in memory.</summary>
    public long Bytes => _low.Length + _high.Length;

    /// <summary>Reads the whole file.</summary>
    /// <exception cref="InvalidDataException">Not a WAV file that can be read.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static WaveformPeaks Read(string path, CancellationToken cancellationToken = default)
    {
        // A track that is still being written may be read as well.
        using var reader = new WavReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), path);
        var each = (int)Math.Max(Finest, (reader.Samples + MostPeaks - 1) / MostPeaks);
        var count = (int)((reader.Samples + each - 1) / each);
        var (low, high) = (new sbyte[count], new sbyte[count]);
        var block = new float[each * PeaksAtOnce];
        for (int peak = 0, read; peak < count && (read = reader.Read(block)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var start = 0; start < read; start += each, peak++)
            {
                ReadOnlySpan<float> samples = block.AsSpan(start, Math.Min(each, read - start));
                // Outwards, so that the faintest sound shows.
                low[peak] = (sbyte)Math.Floor(Math.Min(0, TensorPrimitives.Min(samples)) * 127);
                high[peak] = (sbyte)Math.Ceiling(Math.Max(0, TensorPrimitives.Max(samples)) * 127);
            }
        }

        return new WaveformPeaks(low, high, each, reader.SampleRate, reader.Samples);
    }

    /// <summary>The outline of a part, -1 to 1; 0 where there is no sound.</summary>
    /// <param name="from">Seconds.</param>
    /// <param name="to">Seconds, above <paramref name="from"/>.</param>
    /// <param name="columns">How many pairs.</param>
    public IReadOnlyList<(float Low, float High)> Between(double from, double to, int columns)
    {
        var outline = new (float, float)[columns];
        for (var column = 0; column < columns; column++)
        {
            var first = (long)((from + (to - from) * column / columns) * SampleRate / _samplesEach);
            var last = Math.Max(first + 1, (long)((from + (to - from) * (column + 1) / columns) * SampleRate / _samplesEach));
            var (least, most) = (0, 0);
            for (var peak = Math.Max(0, first); peak < Math.Min(last, _low.Length); peak++)
                (least, most) = (Math.Min(least, _low[peak]), Math.Max(most, _high[peak]));
            outline[column] = (least / 127f, most / 127f);
        }

        return outline;
    }
}
