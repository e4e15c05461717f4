using VoiceConsole.Engine.Audio.Devices;

namespace VoiceConsole.Tests.Engine.Audio;

/// <summary>What the callback counts, without a device that calls it.</summary>
public sealed class HostStreamTests : IDisposable
{
    private const int Block = 160;

    private readonly HostStream _stream = new(() => { }, TimeProvider.System);
    private readonly float[] _input = new float[Block];
    private readonly float[] _output = new float[Block];

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void LoopThatReadsNothing_BlocksBeyondTheRing_AreSilentAndCounted_AndNothingToSayIsTakenForThem()
    {
        while (_stream.Overruns == 0)
            Move();
        var held = _stream.Waiting;
        _stream.Playback.Write([.. Enumerable.Repeat(0.5f, Block)]);

        Move();

        Assert.InRange(held, 4 * 16_000, 65_536);
        Assert.Equal((2, 2 * Block, held), (_stream.Overruns, _stream.TakeLost(), _stream.Waiting));
        Assert.Equal(0, _stream.TakeLost());
        Assert.All(_output, sample => Assert.Equal(0, sample));
        Assert.Equal(Block, _stream.Playback.Count);

        _stream.Read(new float[Block], new float[Block], new float[Block]);
        Move();
        Assert.Equal((2, 0.5f), (_stream.Overruns, _output[^1]));
    }

    [Fact]
    public void RunningDry_CountsOnce_AndOnlyWhileThereIsMoreToSay()
    {
        Say(more: false);
        Move();
        Move();
        Assert.Equal(0, _stream.Underruns);

        Say(more: true);
        Move();
        Assert.Equal(0, _stream.Underruns);
        Move();
        Move();
        Assert.Equal(1, _stream.Underruns);

        Say(more: true);
        Move();
        Move();
        Assert.Equal(2, _stream.Underruns);
    }

    [Fact]
    public void SystemThatRanDryByItself_Counts_WhereSomethingWasSaid()
    {
        Move(ranDry: true);
        Assert.Equal(0, _stream.Underruns);

        Say(more: false);
        Move(ranDry: true);
        Assert.Equal(1, _stream.Underruns);
    }

    private void Say(bool more)
    {
        _stream.Playback.Write(new float[Block]);
        _stream.More = more;
    }

    private void Move(bool ranDry = false) => _stream.Move(_input, _output, Block, ranDry);
}
