using CsCheck;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Tests.Engine.Conversation;

public class AudioHistoryTests
{
    [Fact]
    public void Gives_back_the_newest_samples_by_their_position() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, 100], Gen.Int[0, 40].Array[1, 40]).Sample((capacity, start, blocks) =>
        {
            var history = new AudioHistory(capacity);
            long position = start;
            foreach (var block in blocks)
            {
                history.Append(position, [.. Enumerable.Range(0, block).Select(i => (float)(position + i))]);
                position += block;
            }

            var read = new float[capacity + 50];
            long from = start;
            var count = history.Read(ref from, long.MaxValue, read);
            Assert.Equal(Math.Min(position - start, capacity), count);
            Assert.Equal(position, from);
            for (var i = 0; i < count; i++)
                Assert.Equal(position - count + i, read[i]);
        });

    [Fact]
    public void What_the_device_skipped_is_silence()
    {
        var history = new AudioHistory(100);
        history.Append(10, [1, 1]);
        history.Append(15, [2]);
        var read = new float[6];
        long from = 10;
        Assert.Equal(6, history.Read(ref from, 16, read));
        Assert.Equal([1, 1, 0, 0, 0, 2], read);
    }

    [Fact]
    public void Stops_before_the_end_it_is_given()
    {
        var history = new AudioHistory(100);
        history.Append(0, new float[50]);
        long from = 20;
        Assert.Equal(10, history.Read(ref from, 30, new float[50]));
        Assert.Equal(0, history.Read(ref from, 30, new float[50]));
    }
}
