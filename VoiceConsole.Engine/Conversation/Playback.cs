using VoiceConsole.Engine.Audio;
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

    private readonly Queue<PlaybackClip> _toWrite = new();
    private readonly Queue<PlaybackClip> _toRender = new();
    private readonly long _tail = device.Format.ToSamples(s_tail);
    private Turn? _current;
    private bool _complete;
    private bool _stopping;
    private long _written;
    private long _rendered;
    private long _position;
    private long _lastRendered;
    private long _lastAudible = long.MinValue / 2;

    /// <summary>Something could be heard from the loudspeaker in the last 300 ms.</summary>
    public bool IsAudible => _position - _lastAudible < _tail;

    /// <summary>Called when nothing of a turn will be rendered any more, with the position after its last sample.</summary>
    public Action<Turn, long>? Finished { get; set; }

    /// <summary>Makes a turn the one whose sound may leave.</summary>
    public void Begin(Turn turn)
    {
        _current = turn;
        _complete = false;
        _stopping = false;
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
        _stopping = true;
        Settle();
    }

    /// <summary>Writes as much as the device takes.</summary>
    public void Fill()
    {
        Settle();
        while (_toWrite.TryPeek(out var clip))
        {
            var count = Math.Min(clip.Samples.Length - clip.Written, device.WritableSamples);
            if (count > 0)
            {
                if (clip.Written == 0)
                {
                    clip.First = _written;
                    clip.Turn.HandedOver ??= device.Clock.Now;
                    _toRender.Enqueue(clip);
                }

                var more = clip.Written + count < clip.Samples.Length || _toWrite.Count > 1 || !_complete;
                device.Write(clip.Samples.Span.Slice(clip.Written, count), more);
                clip.Written += count;
                _written += count;
            }

            if (clip.Written < clip.Samples.Length)
                return;
            _toWrite.Dequeue();
        }
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

        while (_toRender.TryPeek(out var clip))
        {
            if (!clip.Turn.IsAudible && _rendered > clip.First)
                FirstSound(clip, frame, before);
            for (; clip.Heard < clip.Words.Count; clip.Heard++)
            {
                var word = clip.Words[clip.Heard];
                var end = clip.First + Math.Min(word.End, clip.Samples.Length);
                if (end > _rendered)
                    break;
                clip.Turn.HeardEnd = Math.Max(clip.Turn.HeardEnd, word.TextStart + word.TextLength);
                if (!_stopping)
                    events.Publish(new WordHeard(clip.Turn.Id, PositionOf(end, frame), word.TextStart, word.TextLength));
            }

            if (_rendered < clip.First + clip.Samples.Length)
                break;
            _toRender.Dequeue();
        }

        Settle();
    }

    private void FirstSound(PlaybackClip clip, in AudioFrame frame, long before)
    {
        // The frame may begin with the end of something older.
        var own = (int)Math.Clamp(_rendered - Math.Max(before, clip.First), 0, frame.Rendered.Length);
        var from = own == _rendered - before ? 0 : frame.Rendered.Length - own;
        var at = frame.Rendered[from..].IndexOfAnyExceptInRange(-AudibleLevel, AudibleLevel);
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
