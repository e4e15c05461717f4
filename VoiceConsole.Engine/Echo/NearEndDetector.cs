using System.Numerics;

namespace VoiceConsole.Engine.Echo;

/// <summary>
/// Tells when somebody in the room is louder than the loudspeaker's echo can be. A canceller that suppresses what it cannot
/// subtract also chops the user who speaks over the reply; this is the evidence that the raw microphone may be believed.
/// Per-frame work on 10 ms frames: no allocation.
/// </summary>
/// <remarks>
/// Two witnesses must agree. In several bands the microphone stands clear of the loudest echo that the loudspeaker's last 400 ms
/// can have made there, by the loss between the two as learnt so far; and the canceller lets something through, which it
/// hardly does for echo alone. A louder loudspeaker convinces only the first.
/// </remarks>
internal sealed class NearEndDetector
{
    /// <summary>The microphone must exceed the predicted echo by this much in a band, in dB.</summary>
    public const float Margin = 6;

    /// <summary>Bands in which it must.</summary>
    public const int Bands = 4;

    private const float Audible = -65;
    private const float TailDecay = 0.6f;
    private const float LeakMargin = 12;
    private const int EchoHold = 40, LeakHold = 30, Confirmation = 10, Confirmed = 6, Hold = 20, Learning = 50;
    private const float Rise = 0.1f, RiseWhileNear = 0.03f, Fall = 0.004f;

    private readonly BandLevels _capturedBands, _renderedBands;
    private readonly float[] _captured = new float[BandLevels.Count];
    private readonly float[] _rendered = new float[EchoHold * BandLevels.Count];
    private readonly float[] _envelope = new float[BandLevels.Count];
    private readonly float[] _loss = new float[BandLevels.Count];
    private readonly int[] _learnt = new int[BandLevels.Count];
    private float _floor = -60;
    private int _at;
    private int _leak;
    private int _recent;
    private int _hold;

    public NearEndDetector(int sampleRate)
    {
        (_capturedBands, _renderedBands) = (new BandLevels(sampleRate), new BandLevels(sampleRate));
        Reset();
    }

    /// <param name="captured">Microphone.</param>
    /// <param name="rendered">Loudspeaker, in the same interval.</param>
    /// <param name="processedLevel">Level of what the canceller left, in dBFS.</param>
    /// <returns>True while somebody in the room speaks over the loudspeaker.</returns>
    public bool Detect(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered, float processedLevel)
    {
        _capturedBands.Measure(captured, _captured);
        _renderedBands.Measure(rendered, _rendered.AsSpan(_at * BandLevels.Count, BandLevels.Count));
        _at = (_at + 1) % EchoHold;
        // The canceller's floor: falls at once, rises by 1 dB a second.
        _floor = Math.Clamp(Math.Min(processedLevel, _floor + 0.01f), -90, -50);
        _leak = processedLevel > _floor + LeakMargin ? LeakHold : Math.Max(0, _leak - 1);
        var clear = 0;
        for (var band = 0; band < BandLevels.Count; band++)
            clear += IsClear(band) ? 1 : 0;
        _recent = (_recent << 1 | (clear >= Bands ? 1 : 0)) & (1 << Confirmation) - 1;
        if (BitOperations.PopCount((uint)_recent) >= Confirmed && _leak > 0)
            _hold = Hold;
        else if (_hold > 0)
            _hold--;
        return _hold > 0;
    }

    /// <summary>Forgets the room, after a jump of the clock or a change of device.</summary>
    public void Reset()
    {
        _capturedBands.Reset();
        _renderedBands.Reset();
        Array.Fill(_rendered, BandLevels.Silence);
        Array.Fill(_envelope, BandLevels.Silence);
        Array.Fill(_loss, BandLevels.Silence);
        Array.Clear(_learnt);
        (_leak, _recent, _hold) = (0, 0, 0);
    }

    private bool IsClear(int band)
    {
        var loudest = _envelope[band] - TailDecay;
        for (var i = band; i < _rendered.Length; i += BandLevels.Count)
            loudest = Math.Max(loudest, _rendered[i]);
        _envelope[band] = loudest;
        if (loudest < Audible)
            return false;
        var over = _captured[band] - loudest;
        if (_learnt[band] < Learning)
        {
            _loss[band] = Math.Max(_loss[band], over);
            _learnt[band]++;
            return false;
        }

        var clear = over > _loss[band] + Margin;
        _loss[band] += over > _loss[band] ? (_hold > 0 ? RiseWhileNear : Rise) : -Fall;
        return clear;
    }
}
