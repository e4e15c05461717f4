using VoiceConsole.Engine.Audio.Devices;

namespace VoiceConsole.Tests.Engine.Audio;

public class PlaybackRingTests
{
    [Fact]
    public void WhatIsWritten_IsTakenInOrder_OrTakenBack()
    {
        var ring = new PlaybackRing(16);
        ring.Write([1, 2, 3, 4, 5]);
        var taken = new float[3];

        Assert.Equal(3, ring.Take(taken));
        Assert.Equal([1, 2, 3], taken);
        Assert.Equal(2, ring.Discard());
        Assert.Equal(0, ring.Take(taken));
        Assert.Throws<ArgumentException>(() => ring.Write(new float[17]));
    }

    [Fact]
    public void TwoThreads_EverySampleIsTakenOnceOrTakenBack()
    {
        const int Total = 400_000;
        var ring = new PlaybackRing(512);
        long taken = 0;
        var done = false;
        var increasing = true;
        var taker = new Thread(() =>
        {
            var block = new float[64];
            var last = 0f;
            while (!Volatile.Read(ref done) || ring.Count > 0)
            {
                var count = ring.Take(block);
                taken += count;
                for (var i = 0; i < count; i++)
                {
                    increasing &= block[i] > last;
                    last = block[i];
                }
            }
        });
        taker.Start();
        long back = 0;
        var next = 1;
        var random = new Random(1);
        while (next <= Total)
        {
            var count = Math.Min(Math.Min(random.Next(1, 100), 512 - ring.Count), Total - next + 1);
            ring.Write([.. Enumerable.Range(next, count).Select(i => (float)i)]);
            next += count;
            if (random.Next(10) == 0)
                back += ring.Discard();
        }

        Volatile.Write(ref done, true);
        taker.Join();

        Assert.True(increasing);
        Assert.True(back > 0 && taken > 0);
        Assert.Equal(Total, taken + back);
    }
}
