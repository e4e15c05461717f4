namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// The last minutes of processed sound by device position, so that a recogniser can read from before the moment at which the
/// speech was noticed. Belongs to the loop; appending allocates nothing.
/// </summary>
internal sealed class AudioHistory(int capacitySamples)
{
    private readonly float[] _ring = new float[capacitySamples];
    private bool _started;

    /// <summary>Position after the newest sample.</summary>
    public long End { get; private set; }

    /// <summary>Position of the oldest sample still held.</summary>
    public long Start { get; private set; }

    /// <summary>Adds samples that begin at <paramref name="position"/>; what the device skipped becomes silence.</summary>
    public void Append(long position, ReadOnlySpan<float> samples)
    {
        if (!_started || position < End || position - End > _ring.Length)
        {
            _started = true;
            Start = End = position;
        }

        if (position > End)
        {
            Slice(End, (int)(position - End), out var first, out var second);
            first.Clear();
            second.Clear();
            End = position;
        }

        // Only the newest matter when more comes at once than the ring holds.
        var skipped = Math.Max(0, samples.Length - _ring.Length);
        End += skipped;
        samples = samples[skipped..];
        Slice(End, samples.Length, out var head, out var tail);
        samples[..head.Length].CopyTo(head);
        samples[head.Length..].CopyTo(tail);
        End += samples.Length;
        Start = Math.Max(Start, End - _ring.Length);
    }

    /// <summary>Copies what there is from <paramref name="position"/> on and before <paramref name="until"/>; moves the position past it. A position that is no longer held jumps to the oldest.</summary>
    public int Read(ref long position, long until, Span<float> destination)
    {
        position = Math.Max(position, Start);
        var count = (int)Math.Clamp(Math.Min(until, End) - position, 0, destination.Length);
        Slice(position, count, out var head, out var tail);
        head.CopyTo(destination);
        tail.CopyTo(destination[head.Length..]);
        position += count;
        return count;
    }

    // A stretch of the ring is at most two stretches of its array.
    private void Slice(long position, int count, out Span<float> head, out Span<float> tail)
    {
        var slot = (int)((position % _ring.Length + _ring.Length) % _ring.Length);
        var first = Math.Min(count, _ring.Length - slot);
        head = _ring.AsSpan(slot, first);
        tail = _ring.AsSpan(0, count - first);
    }
}
