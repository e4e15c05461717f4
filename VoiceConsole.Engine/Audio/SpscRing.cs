using System.Numerics;

namespace VoiceConsole.Engine.Audio;

/// <summary>A queue of samples between exactly one writing and one reading thread: no lock, no allocation, nobody waits.</summary>
public sealed class SpscRing
{
    private readonly float[] _items;
    private readonly int _mask;
    private long _written;
    private long _read;

    /// <param name="capacity">Rounded up to a power of two.</param>
    public SpscRing(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _items = new float[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _items.Length - 1;
    }

    public int Capacity => _items.Length;

    /// <summary>Samples waiting to be read.</summary>
    public int Count => (int)(Volatile.Read(ref _written) - Volatile.Read(ref _read));

    /// <summary>The writer's: takes as many samples as there is room for; returns how many.</summary>
    public int Write(ReadOnlySpan<float> samples)
    {
        var written = _written;
        var count = Math.Min(samples.Length, _items.Length - (int)(written - Volatile.Read(ref _read)));
        var slot = (int)written & _mask;
        var head = Math.Min(count, _items.Length - slot);
        samples[..head].CopyTo(_items.AsSpan(slot));
        samples[head..count].CopyTo(_items);
        Volatile.Write(ref _written, written + count);
        return count;
    }

    /// <summary>The reader's: gives up to so many samples; returns how many.</summary>
    public int Read(Span<float> destination)
    {
        var read = _read;
        var count = Math.Min(destination.Length, (int)(Volatile.Read(ref _written) - read));
        var slot = (int)read & _mask;
        var head = Math.Min(count, _items.Length - slot);
        _items.AsSpan(slot, head).CopyTo(destination);
        _items.AsSpan(0, count - head).CopyTo(destination[head..]);
        Volatile.Write(ref _read, read + count);
        return count;
    }
}
