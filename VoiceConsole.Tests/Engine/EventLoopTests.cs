using System.Threading.Channels;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Tests.Engine;

public sealed class EventLoopTests
{
    [Fact]
    public void VirtualTime_RunsAnHourOfTimersInOrder_AndStopsAtItsEnd()
    {
        var time = new VirtualTime();
        using var loop = new EventLoop(time);
        var seen = new List<string>();
        loop.Run(async () =>
        {
            var slow = Wait(TimeSpan.FromHours(1), "slow");
            var quick = Wait(TimeSpan.FromMilliseconds(10), "quick");
            await Task.WhenAll(slow, quick);
        });
        Assert.Equal(["quick", "slow"], seen);
        Assert.Equal(TimeSpan.FromHours(1).Ticks, time.GetTimestamp());

        async Task Wait(TimeSpan delay, string name)
        {
            await Task.Delay(delay, time);
            Assert.True(loop.IsCurrent);
            seen.Add(name);
        }
    }

    [Fact]
    public void VirtualTime_HoldsStillWhileWorkRuns()
    {
        var time = new VirtualTime();
        using var loop = new EventLoop(time);
        loop.Run(async () =>
        {
            var tick = Task.Delay(TimeSpan.FromMilliseconds(1), time);
            var result = await Task.Factory.StartNew(() => Enumerable.Range(0, 100_000).Sum(i => i % 7), default, TaskCreationOptions.None, loop.Work);
            Assert.Equal(299_995, result);
            Assert.Equal(0, time.GetTimestamp());
            await tick;
        });
    }

    [Fact]
    public void Channels_ContinueOnTheLoop()
    {
        using var loop = new EventLoop(new VirtualTime());
        var channel = Channel.CreateBounded<int>(1);
        var got = new List<int>();
        loop.Run(async () =>
        {
            var writer = Write();
            await foreach (var item in channel.Reader.Items())
            {
                Assert.True(loop.IsCurrent);
                got.Add(item);
            }

            await writer;
        });
        Assert.Equal(Enumerable.Range(0, 50), got);

        async Task Write()
        {
            for (var i = 0; i < 50; i++)
                await channel.Writer.WriteAsync(i);
            channel.Writer.Complete();
        }
    }

    [Fact]
    public void VirtualTime_ThatNothingCanMove_IsAnErrorNotAHang()
    {
        using var loop = new EventLoop(new VirtualTime());
        Assert.Throws<InvalidOperationException>(() => loop.Run(() => new TaskCompletionSource().Task));
    }

    [Fact]
    public void SystemTime_RunsWorkElsewhereAndComesBack()
    {
        using var loop = new EventLoop(TimeProvider.System);
        loop.Run(async () =>
        {
            var elsewhere = await Task.Factory.StartNew(() => !loop.IsCurrent, default, TaskCreationOptions.None, loop.Work);
            Assert.True(elsewhere);
            Assert.True(loop.IsCurrent);
        });
    }
}
