using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// Gives a reply's sound to the device in small pieces and reads back, from what the device really rendered, which words
/// were heard and when. Sound of a turn that is no longer current never leaves. Belongs to the loop.
/// </summary>
internal sealed class Playback(IAudioDevice device, TurnEventBus events)
{
    /// <summary>Quieter than this is not audible, full scale 1 (−60 dBFS).</summary>
    public const float AudibleLevel = 0.001f;

    // A room goes on sounding for a moment after the loudspeaker has stopped.
    private static readonly TimeSpan s_tail = TimeSpan.FromMilliseconds(300);

    /// <summary>What a lowered reply is multiplied by, −26 dB.</summary>
    public const float LowGain = 0.05f;

    // 10 ms from one gain to the other.
    private const float GainStep = 1 / 160f;

    private readonly Queue<PlaybackClip> _toWrite = new();
    private readonly Queue<PlaybackClip> _toRender = new();
    private readonly long _tail = device.Format.ToSamples(s_tail);
    private Turn? _current;
    private bool _complete;
    private bool _stopping;
    private readonly float[] _scaled = new float[1600];
    private bool _low;
    private float _gain = 1;
    // How many samples had been given to the device when the reply was lowered, and how many have been since.
    private long _lowAt, _lowWritten;
    private bool _lowReported;
    private long _written;
    private long _rendered;
    private long _position;
    private long _lastRendered;
    private long _lastAudible = long.MinValue / 2;

    /// <summary>Something could be heard from the loudspeaker in the last 300 ms.</summary>
    public bool IsAudible => _position - _lastAudible < _tail;

    /// <summary>The words that were rendered lately.</summary>
    public PlayedWords Words { get; } = new(device.Format.SampleRate);

    /// <summary>Called when nothing of a turn will be rendered any more, with the position after its last sample.</summary>
    public Action<Turn, long>? Finished { get; set; }

    /// <summary>Makes a turn the one whose sound may leave.</summary>
    public void Begin(Turn turn)
    {
        _current = turn;
        _complete = false;
        _stopping = false;
        (_low, _gain) = (false, 1);
    }

    /// <summary>
    /// Lowers the reply, or brings it back. A lowered reply goes on quietly so that it can be heard that it is still there, but
    /// nothing of it counts as heard: brought back, it goes on from the sample at which it was lowered.
    /// </summary>
    public void SetLow(bool low)
    {
        if (low == _low || _current is null || _stopping)
            return;
        _low = low;
        if (low)
        {
            (_lowAt, _lowWritten, _lowReported) = (_written, 0, false);
        }
        else
        {
            if (_toWrite.TryPeek(out var clip) && clip.Written > 0)
                clip.First = _written - clip.Written;
            events.Publish(new PlaybackRestored(_current.Id, _position));
        }
    }

    /// <summary>Queues a clip; a turn that is not current is not heard any more and its clip is dropped.</summary>
    public void Enqueue(PlaybackClip clip)
    {
        if (clip.Turn != _current || _stopping)
            return;
        _toWrite.Enqueue(clip);
        Fill();
    }

    /// <summary>No more clips of this turn will come.</summary>
    public void Complete(Turn turn)
    {
        if (turn != _current || _stopping)
            return;
        _complete = true;
        Settle();
    }

    /// <summary>Drops all that has not left the device yet. <see cref="Finished"/> follows when what has left is known.</summary>
    public void Stop()
    {
        if (_current is null || _stopping)
            return;
        _toWrite.Clear();
        _written -= device.Discard();
        // What was lowered was not heard, also once it is known that it will not come back.
        _stopping = true;
        Settle();
    }

    /// <summary>Writes as much as the device takes.</summary>
    public void Fill()
    {
        Settle();
        if (_low)
        {
            FillLow();
            return;
        }

        while (_toWrite.TryPeek(out var clip))
        {
            var count = Math.Min(Math.Min(clip.Samples.Length - clip.Written, device.WritableSamples), _scaled.Length);
            if (count > 0)
            {
                if (clip.Written == 0)
                {
                    clip.First = _written;
                    clip.Turn.HandedOver ??= device.Clock.Now;
                    _toRender.Enqueue(clip);
                }

                var more = clip.Written + count < clip.Samples.Length || _toWrite.Count > 1 || !_complete;
                Write(clip.Samples.Span.Slice(clip.Written, count), more);
                clip.Written += count;
                _written += count;
            }

            if (clip.Written < clip.Samples.Length && device.WritableSamples == 0)
                return;
            if (clip.Written >= clip.Samples.Length)
                _toWrite.Dequeue();
        }
    }

    // The clips stay where they are: they are only looked ahead into.
    private void FillLow()
    {
        var skip = _lowWritten;
        foreach (var clip in _toWrite)
        {
            var from = clip.Written + Math.Min(skip, clip.Samples.Length - clip.Written);
            skip -= from - clip.Written;
            while (from < clip.Samples.Length)
            {
                var count = Math.Min(Math.Min(clip.Samples.Length - (int)from, device.WritableSamples), _scaled.Length);
                if (count == 0)
                    return;
                Write(clip.Samples.Span.Slice((int)from, count), more: false);
                _written += count;
                _lowWritten += count;
                from += count;
            }
        }
    }

    private void Write(ReadOnlySpan<float> samples, bool more)
    {
        var target = _low ? LowGain : 1;
        if (_gain == target && !_low)
        {
            device.Write(samples, more);
            return;
        }

        for (var i = 0; i < samples.Length; i++)
        {
            _gain = _gain < target ? Math.Min(target, _gain + GainStep) : Math.Max(target, _gain - GainStep);
            _scaled[i] = samples[i] * _gain;
        }

        device.Write(_scaled.AsSpan(0, samples.Length), more);
    }

    /// <summary>Takes the truth from the device's next frame.</summary>
    public void Rendered(in AudioFrame frame)
    {
        var before = _rendered;
        _rendered = frame.RenderedTotal;
        _position = frame.End;
        var audible = frame.Rendered.IndexOfAnyExceptInRange(-AudibleLevel, AudibleLevel);
        if (audible >= 0)
            _lastAudible = frame.End;
        if (_rendered > before)
            _lastRendered = frame.Position + Math.Min(_rendered - before, frame.Rendered.Length);
        else if (!_stopping)
            return;

        if (_low && !_lowReported && _rendered > _lowAt && _current is not null)
        {
            _lowReported = true;
            events.Publish(new PlaybackLowered(_current.Id, PositionOf(_lowAt, frame)));
        }

        var heard = _low ? Math.Min(_rendered, _lowAt) : _rendered;
        while (_toRender.TryPeek(out var clip))
        {
            if (!clip.Turn.IsAudible && _rendered > clip.First)
                FirstSound(clip, frame, before);
            for (; clip.Heard < clip.Words.Count; clip.Heard++)
            {
                var word = clip.Words[clip.Heard];
                var end = clip.First + Math.Min(word.End, clip.Samples.Length);
                if (end > heard)
                    break;
                if (frame.IsHeard)
                    Words.Add(clip.Turn.ReplyText.ToString(word.TextStart, Math.Min(word.TextLength, clip.Turn.ReplyText.Length - word.TextStart)), PositionOf(end, frame));
                clip.Turn.HeardEnd = Math.Max(clip.Turn.HeardEnd, word.TextStart + word.TextLength);
                if (!_stopping)
                    events.Publish(new WordHeard(clip.Turn.Id, PositionOf(end, frame), word.TextStart, word.TextLength));
            }

            if (heard < clip.First + clip.Samples.Length)
                break;
            _toRender.Dequeue();
        }

        Settle();
    }

    private void FirstSound(PlaybackClip clip, in AudioFrame frame, long before)
    {
        // The frame may begin with the end of something older.
        var own = (int)Math.Clamp(_rendered - Math.Max(before, clip.First), 0, frame.Played.Length);
        var from = own == _rendered - before ? 0 : frame.Played.Length - own;
        var at = frame.Played[from..].IndexOfAnyExceptInRange(-AudibleLevel, AudibleLevel);
        if (at < 0)
            return;
        clip.Turn.IsAudible = true;
        if (!_stopping)
            events.Publish(new PlaybackStarted(clip.Turn.Id, frame.Position + from + at, clip.Turn.HandedOver ?? 0));
    }

    // Samples render without gaps inside a frame, so counting back from its end is exact unless the device ran dry in it.
    private long PositionOf(long sample, in AudioFrame frame) => Math.Max(frame.Position, frame.End - (_rendered - sample));

    private void Settle()
    {
        if (_current is null)
            return;
        // A device that is gone renders nothing more: what it has not rendered by now counts as unheard.
        var lost = _stopping && device.Status.State is (AudioDeviceState.Lost or AudioDeviceState.Stopped);
        if (_rendered < _written && !lost)
            return;
        if (_stopping || (_complete && _toWrite.Count == 0))
            End();
    }

    private void End()
    {
        var turn = _current!;
        _current = null;
        _complete = _stopping = false;
        _toWrite.Clear();
        _toRender.Clear();
        Finished?.Invoke(turn, _lastRendered);
    }
}
