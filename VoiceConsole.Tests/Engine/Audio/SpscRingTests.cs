using CsCheck;
using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Tests.Engine.Audio;

public class SpscRingTests
{
    [Fact]
    public void Behaves_like_a_bounded_queue() =>
        Gen.Select(Gen.Int[1, 100], Gen.Select(Gen.Bool, Gen.Int[0, 150]).Array[1, 60]).Sample((capacity, steps) =>
        {
            var ring = new SpscRing(capacity);
            var model = new Queue<float>();
            var next = 0f;
            foreach (var (write, count) in steps)
            {
                if (write)
                {
                    var samples = Enumerable.Range(0, count).Select(_ => next++).ToArray();
                    var taken = ring.Write(samples);
                    Assert.Equal(Math.Min(count, ring.Capacity - model.Count), taken);
                    next -= count - taken;
                    foreach (var sample in samples.Take(taken))
                        model.Enqueue(sample);
                }
                else
                {
                    var samples = new float[count];
                    var given = ring.Read(samples);
                    Assert.Equal(Math.Min(count, model.Count), given);
                    for (var i = 0; i < given; i++)
                        Assert.Equal(model.Dequeue(), samples[i]);
                }

                Assert.Equal(model.Count, ring.Count);
            }
        });

    [Fact]
    public void Two_threads_see_every_sample_once_and_in_order()
    {
        var ring = new SpscRing(64);
        const int Total = 200_000;
        var writer = new Thread(() =>
        {
            var block = new float[17];
            for (var sent = 0; sent < Total;)
            {
                for (var i = 0; i < block.Length; i++)
                    block[i] = sent + i;
                sent += ring.Write(block.AsSpan(0, Math.Min(block.Length, Total - sent)));
            }
        });
        writer.Start();
        var read = new float[23];
        for (var received = 0; received < Total;)
        {
            var count = ring.Read(read);
            for (var i = 0; i < count; i++)
                Assert.Equal(received + i, read[i]);
            received += count;
        }

        writer.Join();
    }
}
