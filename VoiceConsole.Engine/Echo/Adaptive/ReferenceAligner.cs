using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Engine.Echo.Adaptive;

/// <summary>
/// Plays what the loudspeaker was sent a little faster or slower, so that it keeps step with a microphone on another clock.
/// Works on frames of 10 ms at 16 kHz and allocates nothing.
/// </summary>
internal sealed class ReferenceAligner
{
    /// <summary>How far the reference is ever held back, samples: 200 ms.</summary>
    public const int Reach = 3200;

    /// <summary>A sample lies between others: so many later ones must be known. The reference is that late, 0.5 ms.</summary>
    public const int Late = FractionalSample.Taps - FractionalSample.Before;

    private readonly float[] _history = new float[Reach + Late + FractionalSample.Taps + EchoFilter.Frame];
    private double _offset;

    /// <summary>By how much the microphone's clock runs faster than the loudspeaker's, as far as known: samples per sample.</summary>
    public double Rate { get; set; }

    /// <summary>By how much the reference is held back, samples.</summary>
    public double Offset => _offset;

    /// <summary>The reference cannot be held back any more, or any less.</summary>
    public bool IsAtEnd => _offset + Rate * EchoFilter.Frame is < 0 or > Reach;

    /// <summary>Holds the reference back by so many samples, at once.</summary>
    public void Jump(double offset) => _offset = Math.Clamp(offset, 0, Reach);

    /// <param name="rendered">The loudspeaker's next frame.</param>
    /// <param name="aligned">Receives a frame in step with the microphone, as far as <see cref="IsAtEnd"/> allows.</param>
    public void Process(ReadOnlySpan<float> rendered, Span<float> aligned)
    {
        _history.AsSpan(rendered.Length).CopyTo(_history);
        rendered.CopyTo(_history.AsSpan(_history.Length - rendered.Length));
        var last = Math.Clamp(_offset + Rate * rendered.Length, 0, Reach);
        for (var i = 0; i < aligned.Length; i++)
        {
            var offset = _offset + (last - _offset) * (i + 1) / aligned.Length;
            var at = _history.Length - rendered.Length + i - Late - offset;
            var whole = (int)Math.Floor(at);
            aligned[i] = FractionalSample.At(_history.AsSpan(whole - FractionalSample.Before + 1, FractionalSample.Taps), (float)(at - whole));
        }

        _offset = last;
    }

    /// <summary>Forgets what was sent and how the clocks run.</summary>
    public void Reset()
    {
        Array.Clear(_history);
        (_offset, Rate) = (0, 0);
    }
}
