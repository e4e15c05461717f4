using System.Numerics;

namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// What waits for a loudspeaker: one thread writes and may take back what has not been taken, another takes. No lock, no
/// allocation, nobody waits.
/// </summary>
/// <remarks>
/// The positions only grow. The taker copies first and then claims what it copied; if the writer has taken it back meanwhile
/// the claim fails and the copy is thrown away, so every sample is either taken or taken back, never both.
/// </remarks>
internal sealed class PlaybackRing(int capacity)
{
    private readonly float[] _items = new float[BitOperations.RoundUpToPowerOf2((uint)capacity)];
    private long _written;
    private long _taken;

    /// <summary>Samples that wait.</summary>
    public int Count => (int)(Volatile.Read(ref _written) - Volatile.Read(ref _taken));

    /// <summary>The writer's: adds all samples; there must be room.</summary>
    public void Write(ReadOnlySpan<float> samples)
    {
        if (samples.Length > _items.Length - Count)
            throw new ArgumentException($"{samples.Length} samples do not fit; {_items.Length - Count} do.", nameof(samples));
        var slot = (int)(_written & (_items.Length - 1));
        var head = Math.Min(samples.Length, _items.Length - slot);
        samples[..head].CopyTo(_items.AsSpan(slot));
        samples[head..].CopyTo(_items);
        Volatile.Write(ref _written, _written + samples.Length);
    }

    /// <summary>The taker's: fills the beginning of the destination; returns how many samples. The rest is left as it is.</summary>
    public int Take(Span<float> destination)
    {
        while (true)
        {
            var taken = Volatile.Read(ref _taken);
            var count = (int)Math.Min(destination.Length, Volatile.Read(ref _written) - taken);
            if (count <= 0)
                return 0;
            var slot = (int)(taken & (_items.Length - 1));
            var head = Math.Min(count, _items.Length - slot);
            _items.AsSpan(slot, head).CopyTo(destination);
            _items.AsSpan(0, count - head).CopyTo(destination[head..]);
            if (Interlocked.CompareExchange(ref _taken, taken + count, taken) == taken)
                return count;
        }
    }

    /// <summary>The writer's: takes back what has not been taken; returns how many samples.</summary>
    public int Discard()
    {
        while (true)
        {
            var taken = Volatile.Read(ref _taken);
            if (Interlocked.CompareExchange(ref _taken, _written, taken) == taken)
                return (int)(_written - taken);
        }
    }
}
